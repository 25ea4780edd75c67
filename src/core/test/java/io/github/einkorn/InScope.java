package io.github.einkorn;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Each test of a class has a scope of its own, in which its tensors are freed. */
public final class InScope implements BeforeEachCallback, AfterEachCallback {
  private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(InScope.class);

  @Override
  public void beforeEach(ExtensionContext test) {
    test.getStore(HERE).put(Scope.class, new Scope());
  }

  @Override
  public void afterEach(ExtensionContext test) {
    test.getStore(HERE).remove(Scope.class, Scope.class).close();
  }
}
