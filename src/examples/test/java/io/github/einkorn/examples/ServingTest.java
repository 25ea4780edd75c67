package io.github.einkorn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.ImageDataset;
import org.junit.jupiter.api.Test;

class ServingTest {
  @Test
  void everyAnswerIsThatOfTheModel() {
    try (var scope = new Scope()) {
      var model = Quickstart.net();
      Tensor bytes = Tensor.rand(200, 1, 28, 28).mul(255).to(DType.UINT8);
      Tensor said = model.predict(bytes.to(DType.FLOAT32).div(255)).argmax(1);
      var images = new ImageDataset(bytes, said);
      try (var predictor = model.freeze(1, 28, 28)) {
        assertThat(Serving.right(predictor, images)).isEqualTo(200);
      }
      var others = new ImageDataset(bytes, Tensor.empty(DType.INT64, Format.CONTIGUOUS, Shape.of(200)).fillInPlace(10));
      try (var predictor = model.freeze(1, 28, 28)) {
        assertThat(Serving.right(predictor, others)).isZero();
      }
    }
  }
}
