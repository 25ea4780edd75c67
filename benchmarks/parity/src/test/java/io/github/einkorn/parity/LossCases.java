package io.github.einkorn.parity;

import static io.github.einkorn.parity.Case.loss;
import static io.github.einkorn.parity.Input.labels;
import static io.github.einkorn.parity.Input.normal;
import static io.github.einkorn.parity.Input.uniform;

import io.github.einkorn.nn.BCELoss;
import io.github.einkorn.nn.BCEWithLogitsLoss;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.HuberLoss;
import io.github.einkorn.nn.KLDivLoss;
import io.github.einkorn.nn.L1Loss;
import io.github.einkorn.nn.MSELoss;
import io.github.einkorn.nn.NLLLoss;
import io.github.einkorn.nn.Reduction;
import io.github.einkorn.nn.SmoothL1Loss;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Every loss with every reduction, and with its options. */
final class LossCases {
  private LossCases() {}

  static Stream<Case> all() {
    return Stream.concat(Stream.of(Reduction.values()).flatMap(r -> {
      int reduction = switch (r) {
        case NONE -> torch.Reduction.None.value;
        case MEAN -> torch.Reduction.Mean.value;
        case SUM -> torch.Reduction.Sum.value;
      };
      return Stream.concat(all(r, reduction), options(r, reduction));
    }), Stream.of(
        loss("KLDivLoss batchMean", LOG_PROBABILITIES, uniform("20x5", 0, 1).fixed(),
            () -> new KLDivLoss().batchMean(true),
            (x, t) -> torch.kl_div(x, t, torch.Reduction.Sum.value, false).div(new Scalar(20.0)))));
  }

  private static Stream<Case> all(Reduction r, int reduction) {
    return Stream.of(
        crossEntropy("", normal("100x10"), labels("100", 10), r, reduction),
        crossEntropy(" of pixels", normal("2x5x3x4"), labels("2x3x4", 5), r, reduction),
        crossEntropy(" of one class", normal("3x1"), labels("3", 1), r, reduction),
        crossEntropy(" saturated", LayerCases.saturated(), Input.longs("4", 1, 2, 2, 0), r, reduction),
        crossEntropy(" of some", normal("6x5"), Input.longs("6", 1, -100, 4, -100, 0, 2), r, reduction),
        crossEntropy(" of none", normal("2x5"), Input.longs("2", -100, -100), r, reduction),
        crossEntropy(" of some pixels", normal("1x5x2x2"), Input.longs("1x2x2", 1, -100, 4, -100), r, reduction),
        nll(" of some", uniform("6x5", -5, 0), Input.longs("6", 1, -100, 4, -100, 0, 2), r, reduction),
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

  // ---- options ----

  private static final Input LOG_PROBABILITIES = uniform("20x5", -4, -0.1);
  private static final float[] WEIGHTS = {0.5f, 2, 1, 0.25f, 3, 1, 0.1f, 1, 1, 4};

  /** Class weights in the type of x. */
  private static TensorOptional weights(Tensor x) {
    return new TensorOptional(torch.tensor(WEIGHTS).to(x.scalar_type()));
  }

  private static Tensor bceWithLogits(Tensor x, Tensor t, TensorOptional posWeight, int reduction) {
    return torch.binary_cross_entropy_with_logits(x, t, new TensorOptional(), posWeight, reduction);
  }

  private static Stream<Case> options(Reduction r, int reduction) {
    Input x = normal("100x10"), labels = labels("100", 10);
    Input difference = normal("20x5"), target = normal("100").shaped("20x5").fixed();
    return Stream.of(
        loss("CrossEntropyLoss weights " + r, x, labels, () -> new CrossEntropyLoss().weight(WEIGHTS).reduction(r),
            (y, t) -> torch.cross_entropy_loss(y, t, weights(y), reduction, -100, 0)),
        loss("CrossEntropyLoss ignoring " + r, x, labels, () -> new CrossEntropyLoss().ignoreIndex(3).reduction(r),
            (y, t) -> torch.cross_entropy_loss(y, t, new TensorOptional(), reduction, 3, 0)),
        loss("CrossEntropyLoss smoothing " + r, x, labels,
            () -> new CrossEntropyLoss().labelSmoothing(0.1).reduction(r),
            (y, t) -> torch.cross_entropy_loss(y, t, new TensorOptional(), reduction, -100, 0.1)),
        loss("CrossEntropyLoss weights, smoothing, of some " + r, normal("6x10"),
            Input.longs("6", 1, -100, 4, -100, 0, 9), () -> new CrossEntropyLoss().weight(WEIGHTS).labelSmoothing(0.2)
                .reduction(r), (y, t) -> torch.cross_entropy_loss(y, t, weights(y), reduction, -100, 0.2)),
        loss("CrossEntropyLoss all options " + r, x, labels,
            () -> new CrossEntropyLoss().weight(WEIGHTS).labelSmoothing(0.2).ignoreIndex(3).reduction(r),
            (y, t) -> torch.cross_entropy_loss(y, t, weights(y), reduction, 3, 0.2)),
        loss("CrossEntropyLoss all options, pixels " + r, normal("2x10x3x4"), labels("2x3x4", 10),
            () -> new CrossEntropyLoss().weight(WEIGHTS).labelSmoothing(0.2).ignoreIndex(3).reduction(r),
            (y, t) -> torch.cross_entropy_loss(y, t, weights(y), reduction, 3, 0.2)),
        loss("CrossEntropyLoss of probabilities " + r, x, uniform("100x10", 0, 0.2).fixed(),
            () -> new CrossEntropyLoss().weight(WEIGHTS).labelSmoothing(0.1).reduction(r),
            (y, t) -> torch.cross_entropy_loss(y, t, weights(y), reduction, -100, 0.1)).largest(), // p Σ t - t
        loss("CrossEntropyLoss of probabilities, pixels " + r, normal("2x10x3x4"), uniform("2x10x3x4", 0, 0.2).fixed(),
            () -> new CrossEntropyLoss().weight(WEIGHTS).reduction(r),
            (y, t) -> torch.cross_entropy_loss(y, t, weights(y), reduction, -100, 0)).largest(),
        loss("NLLLoss all options " + r, uniform("100x10", -5, 0), labels,
            () -> new NLLLoss().weight(WEIGHTS).ignoreIndex(3).reduction(r),
            (y, t) -> torch.nll_loss_nd(y, t, weights(y), reduction, 3)),
        loss("BCEWithLogitsLoss " + r, normal("20x5"), uniform("20x5", 0, 1).fixed(),
            () -> new BCEWithLogitsLoss().reduction(r),
            (y, t) -> bceWithLogits(y, t, new TensorOptional(), reduction)),
        loss("BCEWithLogitsLoss saturated " + r, Input.of("6", 30, -30, 30, -30, 100, -100),
            Input.of("6", 1, 0, 0, 1, 0, 1).fixed(), () -> new BCEWithLogitsLoss().reduction(r),
            (y, t) -> bceWithLogits(y, t, new TensorOptional(), reduction)),
        loss("BCEWithLogitsLoss posWeight " + r, normal("4x10"), uniform("4x10", 0, 1).fixed(),
            () -> new BCEWithLogitsLoss().posWeight(io.github.einkorn.Tensor.of(WEIGHTS)).reduction(r),
            (y, t) -> bceWithLogits(y, t, weights(y), reduction)),
        loss("L1Loss " + r, difference, target, () -> new L1Loss().reduction(r),
            (y, t) -> torch.l1_loss(y, t, reduction)),
        loss("HuberLoss " + r, difference, target, () -> new HuberLoss(0.7).reduction(r),
            (y, t) -> torch.huber_loss(y, t, reduction, 0.7)),
        loss("SmoothL1Loss " + r, difference, target, () -> new SmoothL1Loss(1.5).reduction(r),
            (y, t) -> torch.smooth_l1_loss(y, t, reduction, 1.5)),
        loss("SmoothL1Loss of 0 " + r, difference, target, () -> new SmoothL1Loss(0).reduction(r),
            (y, t) -> torch.smooth_l1_loss(y, t, reduction, 0)),
        loss("KLDivLoss " + r, LOG_PROBABILITIES, uniform("20x5", 0, 1).fixed(), () -> new KLDivLoss().reduction(r),
            (y, t) -> torch.kl_div(y, t, reduction, false)),
        loss("KLDivLoss at 0 " + r, Input.of("3", -1, -2, -0.5), Input.of("3", 0, 1, 0.25).fixed(),
            () -> new KLDivLoss().reduction(r), (y, t) -> torch.kl_div(y, t, reduction, false)),
        loss("KLDivLoss logTarget " + r, LOG_PROBABILITIES, uniform("20x5", -5, 0).fixed(),
            () -> new KLDivLoss().logTarget(true).reduction(r), (y, t) -> torch.kl_div(y, t, reduction, true)));
  }
}
