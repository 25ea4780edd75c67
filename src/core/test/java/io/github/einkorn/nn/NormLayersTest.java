package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Einkorn;
import io.github.einkorn.InScope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InScope.class)
class NormLayersTest {
  @BeforeEach
  void seed() {
    Einkorn.seed(6);
  }

  /** Also where there are as many channels as places, so that it could be a batch. */
  @Test
  void aSampleOfALineIsKnownByTheLayersBehindBatchNorm() {
    var model = new Sequential(new BatchNorm1d(8), new Conv1d(8, 2, 3));
    model.forward(Tensor.randn(4, 8, 8)); // running statistics of its own for each channel
    Tensor line = Tensor.randn(8, 8), batch = model.predict(line.unsqueeze(0));
    assertThat(model.predict(line).toFloats()).isEqualTo(batch.toFloats());
    assertThat(model.predict(line).shape().dims()).containsExactly(2, 6);
    var row = new Sequential(new BatchNorm1d(8), new Linear(8, 2));
    assertThat(row.predict(Tensor.ones(8)).shape().dims()).containsExactly(2);
    assertThat(row.predict(Tensor.ones(8, 8)).shape().dims()).containsExactly(8, 2);
  }

  @Test
  void layerNormIsBatchNormOfTheTransposedMatrix() {
    Tensor x = Tensor.randn(5, 9);
    float[] rows = new LayerNorm(9).affine(false).forward(x).toFloats();
    Tensor columns = new BatchNorm1d(5).affine(false).forward(x.t()).t();
    assertThat(rows).containsExactly(columns.toFloats(), within(1e-5f));
  }

  @Test
  void layerNormOfImages() {
    var norm = new LayerNorm(3, 4, 5);
    assertThat(norm.weight().shape().dims()).containsExactly(3, 4, 5);
    Tensor x = Tensor.randn(2, 3, 4, 5).mul(7).add(3), y = norm.forward(x.channelsLast());
    assertThat(y.toFloats()).isEqualTo(norm.forward(x).toFloats());
    assertThat(y.mean(1, 2, 3).toFloats()).containsExactly(new float[] {0, 0}, within(1e-6f));
    assertThat(y.square().mean(1, 2, 3).toFloats()).containsExactly(new float[] {1, 1}, within(1e-5f));
    norm.weight().fillInPlace(2);
    norm.bias().fillInPlace(-1);
    assertThat(norm.forward(x).toFloats()).containsExactly(y.mul(2).sub(1).toFloats(), within(1e-5f));
  }

  @Test
  void layerNormWithoutBiasOrBoth() {
    assertThat(new LayerNorm(7).stateDict().keySet()).containsExactly("weight", "bias");
    assertThat(new LayerNorm(7).bias(false).stateDict().keySet()).containsExactly("weight");
    var plain = new LayerNorm(7).affine(false);
    assertThat(plain.stateDict()).isEmpty();
    assertThat(plain.weight()).isNull();
    Tensor x = Tensor.randn(3, 7), b = Tensor.ones(7).requiresGrad(true);
    Functional.layerNorm(x, new int[] {7}, null, b, 1e-5).sum().backward();
    assertThat(b.grad().toFloats()).containsOnly(3);
  }

  @Test
  void layerNormRefusesWhatDoesNotFit() {
    assertThatThrownBy(() -> new LayerNorm(7).forward(Tensor.ones(3, 8))).isInstanceOf(ShapeException.class)
        .hasMessage("LayerNorm: layerNorm: expected the last dimensions to be (7), got shape (3, 8)");
    assertThatThrownBy(LayerNorm::new).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new LayerNorm(3, 0)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new LayerNorm(3).eps(-1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("LayerNorm: eps");
    Tensor x = Tensor.ones(3, 7);
    assertThatThrownBy(() -> Functional.layerNorm(x, new int[] {7}, Tensor.ones(1), null, 1e-5))
        .isInstanceOf(ShapeException.class).hasMessageContaining("weight and bias of shape (7), got (1)");
  }

  /** One pixel with the channels 1, 2, 2: Σ x² is 5, 9 and 8. */
  @Test
  void responseNormByHandInBothConventions() {
    Tensor x = Tensor.of(new float[] {1, 2, 2}, 1, 3, 1, 1);
    float[] expected = {1 / 3.5f, 2 / 5.5f, 2 / 5f};
    assertThat(new LRN(1).alpha(0.5).beta(1).k(1).forward(x).toFloats()).containsExactly(expected, within(1e-6f));
    assertThat(new LocalResponseNorm(3).alpha(1.5).beta(1).forward(x).toFloats())
        .containsExactly(expected, within(1e-6f));
    // of an even size PyTorch's window has one channel more before than after: here 1, 1 + 4 and 4 + 4
    assertThat(new LocalResponseNorm(2).alpha(1).beta(1).forward(x).toFloats())
        .containsExactly(new float[] {1 / 1.5f, 2 / 3.5f, 2 / 5f}, within(1e-6f));
  }

  /** The lecture's AlexNet: five channels of 100 inside, three at the ends. */
  @Test
  void responseNormOfAlexNet() {
    float[] y = new LRN(2).k(1).alpha(2e-5).beta(0.75).forward(Tensor.full(100, 1, 96, 1, 1)).toFloats();
    assertThat(y[40]).isCloseTo((float) (100 / Math.pow(2, 0.75)), within(1e-4f));
    assertThat(y[0]).isCloseTo((float) (100 / Math.pow(1.6, 0.75)), within(1e-4f));
    assertThat(y[95]).isEqualTo(y[0]);
  }

  @Test
  void responseNormSeesNoOtherPixels() {
    Tensor x = Tensor.randn(2, 5, 3, 4), y = new LRN(2).alpha(1).forward(x);
    Tensor pixel = new LRN(2).alpha(1).forward(x.narrow(2, 1, 1).narrow(3, 2, 1));
    assertThat(y.narrow(2, 1, 1).narrow(3, 2, 1).toFloats()).isEqualTo(pixel.toFloats());
    Tensor rows = x.permute(0, 2, 3, 1).reshape(-1, 5);
    assertThat(new LRN(2).alpha(1).forward(rows).toFloats())
        .isEqualTo(y.permute(0, 2, 3, 1).reshape(-1, 5).toFloats());
  }

  @Test
  void responseNormPrintsAndRefuses() {
    assertThat(new LocalResponseNorm(5)).hasToString("LocalResponseNorm(5, alpha=0.0001, beta=0.75, k=1.0)");
    assertThat(new LRN(2)).hasToString("LRN(2, alpha=0.0001, beta=0.75, k=2.0)");
    assertThat(new LayerNorm(3, 4).eps(1e-3)).hasToString("LayerNorm((3, 4), eps=0.001, elementwise_affine=True)");
    assertThat(new LayerNorm(7).affine(false)).hasToString("LayerNorm((7,), eps=1e-05, elementwise_affine=False)");
    assertThatThrownBy(() -> new LocalResponseNorm(0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("LocalResponseNorm: size must be at least 1, got 0");
    assertThatThrownBy(() -> new LRN(-1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("LRN: radius must not be negative, got -1");
    assertThatThrownBy(() -> new LRN(2).alpha(Double.NaN)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("LRN: alpha");
    assertThatThrownBy(() -> new LRN(2).forward(Tensor.ones(7))).isInstanceOf(ShapeException.class)
        .hasMessage("LRN: lrn: expected (N, C), (N, C, L) or (N, C, H, W), got shape (7)");
    assertThat(new LRN(1000).forward(Tensor.ones(1, 3, 2, 2)).toFloats()).hasSize(12);
  }
}
