package io.github.einkorn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Einkorn;
import io.github.einkorn.Memory;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.TensorDataset;
import io.github.einkorn.nn.Dbn;
import io.github.einkorn.nn.Rbm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ContrastiveDivergenceTest {
  @BeforeEach
  void seed() {
    Einkorn.seed(4);
  }

  /** 60 pictures of 4 × 4: one of the four rows, or one of the four columns, is lit. */
  private static DataLoader bars() {
    float[] all = new float[60 * 16];
    for (int i = 0; i < 60; i++) {
      int bar = i % 8;
      for (int k = 0; k < 4; k++) all[i * 16 + (bar < 4 ? bar * 4 + k : k * 4 + bar - 4)] = 1;
    }
    try (var scope = new Scope()) {
      Tensor x = Tensor.of(all, 60, 1, 4, 4).keep(), y = Tensor.zeros(60).keep();
      return new DataLoader(new TensorDataset(x, y)).batchSize(8).shuffle(true).seed(1);
    }
  }

  @Test
  void theReconstructionErrorFalls() {
    for (var cd : new ContrastiveDivergence[] {new ContrastiveDivergence(0.3),
        new ContrastiveDivergence(0.2).steps(3).momentum(0.5), new ContrastiveDivergence(0.3).persistent(true)}) {
      double[] errors = cd.fit(new Rbm(16, 24), bars(), 60);
      assertThat(errors).hasSize(60);
      assertThat(errors[0]).as("between that of coins, 0.25, and of means, 0.19").isBetween(0.17, 0.25);
      assertThat(errors[59]).isLessThan(0.05);
    }
  }

  @Test
  void anyNumberOfEpochsIsTaken() {
    var end = new DataLoader(new TensorDataset(Tensor.ones(1, 2), Tensor.ones(1)).map(s -> {
      throw new UnsupportedOperationException("enough");
    }));
    assertThatThrownBy(() -> new ContrastiveDivergence(0.1).fit(new Rbm(2, 1), end, Integer.MAX_VALUE))
        .isInstanceOf(UnsupportedOperationException.class).hasMessage("enough");
  }

  @Test
  void recordingMustBeOn() {
    try (var off = new NoGrad()) {
      assertThatThrownBy(() -> new ContrastiveDivergence(0.1).fit(new Rbm(16, 1), bars(), 1))
          .isInstanceOf(IllegalStateException.class).hasMessageContaining("recording is off");
    }
  }

  @Test
  void oneStepIsTheFormula() {
    // units that are surely on or off: positive minus negative phase by hand
    var rbm = new Rbm(2, 1);
    rbm.weight().fillInPlace(0);
    rbm.visibleBias().copyInPlace(Tensor.of(100f, -100f)); // the model sees (1, 0)
    rbm.hiddenBias().fillInPlace(100); // the hidden unit is on
    var data = new DataLoader(new TensorDataset(Tensor.of(new float[][] {{0, 1}}), Tensor.zeros(1)));
    double[] errors = new ContrastiveDivergence(0.1).weightDecay(1).fit(rbm, data, 1);
    assertThat(errors[0]).isEqualTo(1);
    assertThat(rbm.weight().toFloats()).containsExactly(-0.1f, 0.1f); // lr (h v − h' v')
    assertThat(rbm.visibleBias().toFloats()).containsExactly(new float[] {99.9f, -99.9f}, within(1e-5f));
    assertThat(rbm.hiddenBias().item()).isEqualTo(100);
    new ContrastiveDivergence(0).fit(rbm, data, 1);
    assertThat(rbm.weight().toFloats()).containsExactly(-0.1f, 0.1f);
  }

  @Test
  void weightDecayKeepsWeightsSmall() {
    var free = new Rbm(16, 8);
    var held = new Rbm(16, 8);
    new ContrastiveDivergence(0.1).fit(free, bars(), 20);
    new ContrastiveDivergence(0.1).weightDecay(0.1).fit(held, bars(), 20);
    assertThat(held.weight().square().mean().item()).isLessThan(free.weight().square().mean().item() / 2);
  }

  @Test
  void aNetIsTrainedFromBelow() {
    var dbn = new Dbn(16, 24, 12);
    float[] top = dbn.machines().get(1).weight().toFloats();
    double[][] errors = new ContrastiveDivergence(0.2).momentum(0.5).fit(dbn, bars(), 60);
    assertThat(errors).hasDimensions(2, 60);
    assertThat(errors[0][59]).isLessThan(errors[0][0] / 4);
    assertThat(errors[1][59]).isLessThan(errors[1][0] / 4);
    assertThat(dbn.machines().get(1).weight().toFloats()).isNotEqualTo(top);
  }

  @Test
  void theSameSeedGivesTheSameMachine() {
    float[][] weights = new float[2][];
    for (int i = 0; i < 2; i++) {
      Einkorn.seed(5);
      var rbm = new Rbm(16, 8);
      new ContrastiveDivergence(0.1).persistent(true).fit(rbm, bars(), 2);
      weights[i] = rbm.weight().toFloats();
    }
    assertThat(weights[0]).isEqualTo(weights[1]);
  }

  @Test
  void keepsNoMemory() {
    var rbm = new Rbm(16, 8);
    var data = bars();
    var cd = new ContrastiveDivergence(0.1).persistent(true);
    cd.fit(rbm, data, 1);
    long before = Memory.used();
    cd.fit(rbm, data, 30);
    assertThat(Memory.used() - before).isLessThan(100_000);
  }

  @Test
  void badOptionsAreRefused() {
    assertThatThrownBy(() -> new ContrastiveDivergence(-1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("learning rate");
    var cd = new ContrastiveDivergence(0.1);
    assertThatThrownBy(() -> cd.steps(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> cd.momentum(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> cd.weightDecay(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> cd.fit(new Rbm(16, 2), bars(), 0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("epochs must be at least 1");
    assertThatThrownBy(() -> cd.fit(new Rbm(15, 2), bars(), 1)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("expected visible units (N, 15), got shape (8, 16)");
  }
}
