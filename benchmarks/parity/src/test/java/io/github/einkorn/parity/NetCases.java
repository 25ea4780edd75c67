package io.github.einkorn.parity;

import static io.github.einkorn.parity.Case.net;
import static io.github.einkorn.parity.Case.netOf;

import io.github.einkorn.Winograd;
import java.util.stream.Stream;

/** Whole nets. */
final class NetCases {
  private NetCases() {}

  /**
   * ResNet-18 has so many ReLUs that one of them has an input within F4's error of 0: it passes in one library and not
   * in the other, and all gradients before it differ by its share. With F2 they agree.
   */
  static Stream<Case> all() {
    return Stream.of(
        net("MLP, Adam", "100x784", Nets::mlp, Nets::mlp, "Adam"),
        net("SimpleConvNet, Adam", "100x1x28x28", Nets::simpleConvNet, Nets::simpleConvNet, "Adam"),
        net("LeNet-5, SGD", "64x1x28x28", Nets::leNet, Nets::leNet, "SGD"),
        net("FashionCnn, Adam", "64x1x28x28", Nets::fashionCnn, Nets::fashionCnn, "Adam"),
        net("every layer, SGD", "16x3x16x16", Nets::everyLayer, Nets::everyLayer, "SGD"),
        net("every layer, Adam", "16x3x16x16", Nets::everyLayer, Nets::everyLayer, "Adam"),
        netOf("a layer called twice, SGD", "16x3x12x12", Nets::towers, Nets::towers, "SGD"),
        netOf("ResNet-18, SGD", "4x3x64x64", Nets::resNet18, Nets::resNet18, "SGD").winograd(Winograd.F2, 1));
  }
}
