package io.github.einkorn.parity;

import static io.github.einkorn.parity.Case.loss;
import static io.github.einkorn.parity.Input.labels;
import static io.github.einkorn.parity.Input.normal;
import static io.github.einkorn.parity.Input.uniform;

import io.github.einkorn.nn.BCELoss;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.MSELoss;
import io.github.einkorn.nn.NLLLoss;
import io.github.einkorn.nn.Reduction;
import java.util.stream.Stream;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Every loss with every reduction. */
final class LossCases {
  private LossCases() {}

  static Stream<Case> all() {
    return Stream.of(Reduction.values()).flatMap(r -> all(r, switch (r) {
      case NONE -> torch.Reduction.None.value;
      case MEAN -> torch.Reduction.Mean.value;
      case SUM -> torch.Reduction.Sum.value;
    }));
  }

  private static Stream<Case> all(Reduction r, int reduction) {
    return Stream.of(
        crossEntropy("", normal("100x10"), labels("100", 10), r, reduction),
        crossEntropy(" of pixels", normal("2x5x3x4"), labels("2x3x4", 5), r, reduction),
        crossEntropy(" of one class", normal("3x1"), labels("3", 1), r, reduction),
        crossEntropy(" saturated", LayerCases.saturated(), Input.longs("4", 1, 2, 2, 0), r, reduction),
        nll("", uniform("100x10", -5, 0), labels("100", 10), r, reduction),
        nll(" of pixels", uniform("2x5x3x4", -5, 0), labels("2x3x4", 5), r, reduction),
        bce("", uniform("100", 0.01, 0.99), uniform("10x10", 0, 1).shaped("100"), r, reduction),
        bce(" of labels", uniform("7x3", 0.01, 0.99), Input.of("7x3", 0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1,
            0, 1, 0, 1, 1), r, reduction),
        bce(" at 0 and 1", Input.of("8", 0, 0, 1, 1, 0, 1, 1e-30, 1e-7), Input.of("8", 0, 1, 0, 1, 0.5, 0.5, 1, 0), r,
            reduction),
        loss("MSELoss " + r, normal("20x5"), normal("100").shaped("20x5").fixed(), () -> new MSELoss().reduction(r),
            (x, t) -> torch.mse_loss(x, t, reduction)));
  }

  private static Case crossEntropy(String what, Input x, Input labels, Reduction r, int reduction) {
    return loss("CrossEntropyLoss " + r + what, x, labels, () -> new CrossEntropyLoss().reduction(r),
        (y, t) -> torch.cross_entropy_loss(y, t, new TensorOptional(), reduction, -100, 0));
  }

  private static Case nll(String what, Input x, Input labels, Reduction r, int reduction) {
    return loss("NLLLoss " + r + what, x, labels, () -> new NLLLoss().reduction(r),
        (y, t) -> torch.nll_loss_nd(y, t, new TensorOptional(), reduction, -100));
  }

  private static Case bce(String what, Input x, Input target, Reduction r, int reduction) {
    return loss("BCELoss " + r + what, x, target.fixed(), () -> new BCELoss().reduction(r),
        (y, t) -> torch.binary_cross_entropy(y, t, new TensorOptional(), reduction));
  }
}
