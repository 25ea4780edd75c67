package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** y = x / (1 + e⁻ˣ), for any shape; also called swish (Elfwing, Uchibe and Doya 2017). */
public final class SiLU extends BuiltIn {
  @Override
  Tensor compute(Tensor x) {
    return x.silu();
  }
}
