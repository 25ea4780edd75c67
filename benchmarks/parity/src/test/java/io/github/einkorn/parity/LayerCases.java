package io.github.einkorn.parity;

import static io.github.einkorn.parity.Case.layer;

import io.github.einkorn.nn.BatchNorm1d;
import io.github.einkorn.nn.BatchNorm2d;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Identity;
import io.github.einkorn.nn.LeakyReLU;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.LogSoftmax;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Sigmoid;
import io.github.einkorn.nn.Softmax;
import io.github.einkorn.nn.Tanh;
import java.util.List;
import java.util.stream.Stream;

/** Every layer with its options; {@link WindowCases} has convolutions and pooling. */
final class LayerCases {
  private LayerCases() {}

  static Stream<Case> all() {
    return Stream.concat(norms().stream(), others().stream());
  }

  private static List<Case> norms() {
    return List.of(
        layer("BatchNorm2d", "4x3x5x6", () -> new BatchNorm2d(3), t -> t.batchNorm2d(3)),
        layer("BatchNorm2d 64", "8x64x14x14", () -> new BatchNorm2d(64), t -> t.batchNorm2d(64)),
        layer("BatchNorm2d momentum 0.3, eps 0.01", "4x3x5x6", () -> new BatchNorm2d(3).momentum(0.3).eps(0.01),
            t -> t.batchNorm2d(3, o -> {
              o.momentum().put(0.3);
              o.eps().put(0.01);
            })),
        layer("BatchNorm2d momentum null", "4x3x5x6", () -> new BatchNorm2d(3).momentum(null),
            t -> t.batchNorm2d(3, o -> o.momentum().reset())),
        layer("BatchNorm2d not affine", "4x3x5x6", () -> new BatchNorm2d(3).affine(false),
            t -> t.batchNorm2d(3, o -> o.affine().put(false))),
        layer("BatchNorm2d without running statistics", "4x3x5x6", () -> new BatchNorm2d(3).trackRunningStats(false),
            t -> t.batchNorm2d(3, o -> o.track_running_stats().put(false))),
        layer("BatchNorm2d of two values", "2x3x1x1", () -> new BatchNorm2d(3), t -> t.batchNorm2d(3)),
        layer("BatchNorm1d", "9x5", () -> new BatchNorm1d(5), t -> t.batchNorm1d(5, o -> {})),
        layer("BatchNorm1d of lengths", "4x5x7", () -> new BatchNorm1d(5), t -> t.batchNorm1d(5, o -> {})),
        layer("BatchNorm1d momentum null", "9x5", () -> new BatchNorm1d(5).momentum(null),
            t -> t.batchNorm1d(5, o -> o.momentum().reset())),
        layer("BatchNorm1d not affine, no statistics", "9x5",
            () -> new BatchNorm1d(5).affine(false).trackRunningStats(false),
            t -> t.batchNorm1d(5, o -> {
              o.affine().put(false);
              o.track_running_stats().put(false);
            })));
  }

  private static List<Case> others() {
    return List.of(
        layer("Linear", "7x20", () -> new Linear(20, 10), t -> t.linear(20, 10)),
        layer("Linear no bias", "7x20", () -> new Linear(20, 10).bias(false), t -> t.linear(20, 10, false)),
        layer("Linear 784 to 256", "100x784", () -> new Linear(784, 256), t -> t.linear(784, 256)),
        layer("Linear of one row", "1x500", () -> new Linear(500, 3), t -> t.linear(500, 3)),
        layer("Linear of a vector", "20", () -> new Linear(20, 10), t -> t.linear(20, 10)),
        layer("Linear of three dimensions", "2x3x20", () -> new Linear(20, 10), t -> t.linear(20, 10)),
        layer("ReLU", "3x4x5x6", ReLU::new, Stack::relu).each(),
        layer("ReLU at 0 and beyond", edges(), ReLU::new, Stack::relu).each(),
        layer("LeakyReLU", "3x4x5x6", LeakyReLU::new, t -> t.leakyRelu(0.01)).each(),
        layer("LeakyReLU 0.2", edges(), () -> new LeakyReLU(0.2), t -> t.leakyRelu(0.2)).each(),
        layer("Sigmoid", Input.uniform("1000", -20, 20), Sigmoid::new, Stack::sigmoid),
        layer("Sigmoid at 0 and beyond", edges(), Sigmoid::new, Stack::sigmoid),
        layer("Tanh", Input.uniform("1000", -10, 10), Tanh::new, Stack::tanh),
        layer("Tanh at 0 and beyond", edges(), Tanh::new, Stack::tanh),
        layer("Softmax of columns", "7x10", () -> new Softmax(1), t -> t.softmax(1)),
        layer("Softmax of rows", "7x10", () -> new Softmax(0), t -> t.softmax(0)),
        layer("Softmax of channels", "2x5x3x4", () -> new Softmax(1), t -> t.softmax(1)),
        layer("Softmax of the last", "2x5x3x37", () -> new Softmax(-1), t -> t.softmax(-1)),
        layer("Softmax saturated", saturated(), () -> new Softmax(1), t -> t.softmax(1)),
        layer("LogSoftmax of columns", "7x10", () -> new LogSoftmax(1), t -> t.logSoftmax(1)),
        layer("LogSoftmax of channels", "2x5x3x4", () -> new LogSoftmax(1), t -> t.logSoftmax(1)),
        layer("LogSoftmax of rows", "7x10", () -> new LogSoftmax(-2), t -> t.logSoftmax(-2)),
        layer("LogSoftmax saturated", saturated(), () -> new LogSoftmax(1), t -> t.logSoftmax(1)),
        layer("Flatten", "2x3x4x5", Flatten::new, Stack::flatten).each(),
        layer("Identity", "2x3x4", Identity::new, Stack::identity).each(),
        layer("Dropout 0", "20x30", () -> new Dropout(0), t -> t.dropout(0)).each(),
        layer("Sequential", "4x3x6x6", () -> new Sequential(new Conv2d(3, 4, 3), new ReLU(), new Flatten(),
            new Linear(64, 5)), t -> t.conv(3, 4, 3).relu().flatten().linear(64, 5)));
  }

  static Input edges() {
    return Input.of("14", 0, -0.0, 1, -1, 1e-30, -1e-30, 88, -88, 104, -104, 1e4, -1e4, Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY);
  }

  static Input saturated() {
    return Input.of("4x3", 1e4, -1e4, 0, -1e4, -1e4, -1e4, 1e4, 1e4, 0, 100, 0, -100);
  }
}
