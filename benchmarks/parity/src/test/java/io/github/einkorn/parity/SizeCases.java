package io.github.einkorn.parity;

import static io.github.einkorn.parity.Case.layer;
import static io.github.einkorn.parity.Case.parts;
import static io.github.einkorn.parity.Stack.pair;
import static io.github.einkorn.parity.Stack.set;

import io.github.einkorn.nn.AdaptiveAvgPool2d;
import io.github.einkorn.nn.AdaptiveMaxPool2d;
import io.github.einkorn.nn.AvgPool1d;
import io.github.einkorn.nn.Conv1d;
import io.github.einkorn.nn.ConvTranspose2d;
import io.github.einkorn.nn.Dropout2d;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.MaxPool1d;
import io.github.einkorn.nn.Unflatten;
import io.github.einkorn.nn.Upsample;
import io.github.einkorn.nn.Window;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.AvgPool1dImpl;
import org.bytedeco.pytorch.AvgPool1dOptions;
import org.bytedeco.pytorch.Conv1dImpl;
import org.bytedeco.pytorch.Conv1dOptions;
import org.bytedeco.pytorch.ConvTranspose2dImpl;
import org.bytedeco.pytorch.ConvTranspose2dOptions;
import org.bytedeco.pytorch.DoubleVector;
import org.bytedeco.pytorch.Dropout2dImpl;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.MaxPool1dImpl;
import org.bytedeco.pytorch.MaxPool1dOptions;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.SequentialImpl;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.UnflattenImpl;
import org.bytedeco.pytorch.UpsampleImpl;
import org.bytedeco.pytorch.UpsampleOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.kBilinear;
import org.bytedeco.pytorch.kNearest;
import org.bytedeco.pytorch.kSame;

/** One dimension, and images in other sizes. */
final class SizeCases {
  private SizeCases() {}

  static Stream<Case> all() {
    return Stream.of(lines(), transposed(), adaptive(), sizes()).flatMap(List::stream);
  }

  private static UnaryOperator<Stack> push(Consumer<SequentialImpl> layer) {
    return stack -> {
      layer.accept(stack.layers);
      return stack;
    };
  }

  private static UnaryOperator<Stack> conv1d(int in, int out, int kernel, Consumer<Conv1dOptions> change) {
    return push(s -> {
      var options = new Conv1dOptions(in, out, one(kernel));
      change.accept(options);
      s.push_back(new Conv1dImpl(options));
    });
  }

  private static LongPointer one(long a) {
    return new LongPointer(1).put(a);
  }

  private static List<Case> lines() {
    return List.of(
        layer("Conv1d", "2x3x9", () -> new Conv1d(3, 4, 3), conv1d(3, 4, 3, o -> {})),
        layer("Conv1d of one line", "3x9", () -> new Conv1d(3, 4, 3), conv1d(3, 4, 3, o -> {})),
        layer("Conv1d no bias", "2x3x9", () -> new Conv1d(3, 4, 3).bias(false),
            conv1d(3, 4, 3, o -> o.bias().put(false))),
        layer("Conv1d same, even kernel", "2x3x9", () -> new Conv1d(3, 4, Window.same(4)),
            conv1d(3, 4, 4, o -> o.padding().put(new kSame()))),
        layer("Conv1d stride 2, padding 2, dilation 2, 2 groups", "2x4x13",
            () -> new Conv1d(4, 6, Window.of(3).stride(2).pad(2).dilation(2)).groups(2), conv1d(4, 6, 3, o -> {
              o.stride().put(0, 2);
              o.padding().put(one(2));
              o.dilation().put(0, 2);
              o.groups().put(2);
            })),
        layer("Conv1d as wide as words", "4x64x20", () -> new Conv1d(64, 100, 5), conv1d(64, 100, 5, o -> {})),
        layer("MaxPool1d", "2x3x9", () -> new MaxPool1d(2),
            push(s -> s.push_back(new MaxPool1dImpl(new MaxPool1dOptions(one(2)))))),
        layer("MaxPool1d with options", "2x3x10", () -> new MaxPool1d(Window.of(3).stride(2).pad(1).ceilMode(true)),
            push(s -> {
              var o = new MaxPool1dOptions(one(3));
              o.stride().put(0, 2);
              o.padding().put(0, 1);
              o.ceil_mode().put(true);
              s.push_back(new MaxPool1dImpl(o));
            })),
        layer("AvgPool1d", "2x3x9", () -> new AvgPool1d(2),
            push(s -> s.push_back(new AvgPool1dImpl(new AvgPool1dOptions(one(2)))))),
        layer("AvgPool1d padding not counted", "2x3x10",
            () -> new AvgPool1d(Window.of(3).stride(2).pad(1)).countIncludePad(false), push(s -> {
              var o = new AvgPool1dOptions(one(3));
              o.stride().put(0, 2);
              o.padding().put(0, 1);
              o.count_include_pad().put(false);
              s.push_back(new AvgPool1dImpl(o));
            })));
  }

  private static Case transposed(String what, String shape, Supplier<Layer> ours, int in, int out, int height,
      int width, Consumer<ConvTranspose2dOptions> change) {
    return layer("ConvTranspose2d" + what, shape, ours, push(s -> {
      var options = new ConvTranspose2dOptions(in, out, pair(height, width));
      change.accept(options);
      s.push_back(new ConvTranspose2dImpl(options));
    }));
  }

  private static List<Case> transposed() {
    return List.of(
        transposed("", "2x3x5x6", () -> new ConvTranspose2d(3, 4, 3), 3, 4, 3, 3, o -> {}),
        transposed(" 2x2 stride 2", "2x32x7x7", () -> new ConvTranspose2d(32, 16, Window.of(2).stride(2)), 32, 16, 2, 2,
            o -> set(o.stride(), 2, 2)),
        transposed(" output padding", "2x3x5x6",
            () -> new ConvTranspose2d(3, 4, Window.of(3).stride(2).pad(1)).outputPadding(1).bias(false), 3, 4, 3, 3,
            o -> {
              set(o.stride(), 2, 2);
              set(o.padding(), 1, 1);
              set(o.output_padding(), 1, 1);
              o.bias().put(false);
            }),
        transposed(" 2 groups, dilated", "2x4x5x6",
            () -> new ConvTranspose2d(4, 6, Window.of(3, 2).stride(3, 2).pad(2, 1).dilation(2, 3)).groups(2)
                .outputPadding(2, 0), 4, 6, 3, 2, o -> {
              set(o.stride(), 3, 2);
              set(o.padding(), 2, 1);
              set(o.dilation(), 2, 3);
              set(o.output_padding(), 2, 0);
              o.groups().put(2);
            }),
        transposed(" of one image", "3x5x6", () -> new ConvTranspose2d(3, 4, 3), 3, 4, 3, 3, o -> {}));
  }

  private static Case function(String name, String shape, Supplier<Layer> ours, UnaryOperator<Tensor> torch) {
    return parts(name, shape, ours, t -> t.model(new Module(), torch));
  }

  private static List<Case> adaptive() {
    return List.of(
        function("AdaptiveAvgPool2d evenly", "2x3x12x14", () -> new AdaptiveAvgPool2d(6, 7),
            x -> torch.adaptive_avg_pool2d(x, 6, 7)),
        function("AdaptiveAvgPool2d unevenly", "2x16x13x9", () -> new AdaptiveAvgPool2d(6, 4),
            x -> torch.adaptive_avg_pool2d(x, 6, 4)),
        function("AdaptiveAvgPool2d to more", "2x3x5x3", () -> new AdaptiveAvgPool2d(7),
            x -> torch.adaptive_avg_pool2d(x, 7, 7)),
        function("AdaptiveAvgPool2d to one", "2x3x5x3", () -> new AdaptiveAvgPool2d(1),
            x -> torch.adaptive_avg_pool2d(x, 1, 1)),
        function("AdaptiveAvgPool2d of one image", "3x5x7", () -> new AdaptiveAvgPool2d(2, 3),
            x -> torch.adaptive_avg_pool2d(x, 2, 3)),
        function("AdaptiveMaxPool2d evenly", "2x3x12x14", () -> new AdaptiveMaxPool2d(6, 7),
            x -> torch.adaptive_max_pool2d(x, 6, 7).get0()),
        function("AdaptiveMaxPool2d unevenly", "2x16x13x9", () -> new AdaptiveMaxPool2d(6, 4),
            x -> torch.adaptive_max_pool2d(x, 6, 4).get0()),
        function("AdaptiveMaxPool2d to more", "2x3x5x3", () -> new AdaptiveMaxPool2d(7),
            x -> torch.adaptive_max_pool2d(x, 7, 7).get0()));
  }

  private static UnaryOperator<Stack> upsample(Consumer<UpsampleOptions> change) {
    return push(s -> {
      var options = new UpsampleOptions();
      options.mode().put(new kNearest());
      change.accept(options);
      s.push_back(new UpsampleImpl(options));
    });
  }

  private static Consumer<UpsampleOptions> bilinear(boolean alignCorners) {
    return o -> {
      o.mode().put(new kBilinear());
      o.align_corners().put(alignCorners);
    };
  }

  private static Consumer<UpsampleOptions> by(double vertical, double horizontal) {
    return o -> o.scale_factor().put(new DoubleVector(vertical, horizontal));
  }

  private static Consumer<UpsampleOptions> to(long height, long width) {
    return o -> o.size().put(new LongVector(height, width));
  }

  private static List<Case> sizes() {
    return List.of(
        layer("Upsample nearest 2", "2x3x5x6", () -> new Upsample(2), upsample(by(2, 2))),
        layer("Upsample nearest 1.7 and 0.6", "2x3x15x16", () -> new Upsample(1.7, 0.6), upsample(by(1.7, 0.6))),
        layer("Upsample nearest to a size", "2x3x15x16", () -> Upsample.to(7, 33), upsample(to(7, 33))),
        layer("Upsample bilinear 2", "2x3x5x6", () -> new Upsample(2).bilinear(),
            upsample(bilinear(false).andThen(by(2, 2)))),
        layer("Upsample bilinear 1.7 and 0.6", "2x3x15x16", () -> new Upsample(1.7, 0.6).bilinear(),
            upsample(bilinear(false).andThen(by(1.7, 0.6)))),
        layer("Upsample bilinear to a size", "2x3x15x16", () -> Upsample.to(7, 33).bilinear(),
            upsample(bilinear(false).andThen(to(7, 33)))),
        layer("Upsample bilinear 3, corners", "2x3x5x6", () -> new Upsample(3).bilinear(true),
            upsample(bilinear(true).andThen(by(3, 3)))),
        layer("Upsample bilinear to a size, corners", "2x3x15x16", () -> Upsample.to(7, 1).bilinear(true),
            upsample(bilinear(true).andThen(to(7, 1)))),
        layer("Dropout2d 0", "2x3x5x6", () -> new Dropout2d(0), push(s -> s.push_back(new Dropout2dImpl(0.0)))).each(),
        layer("Unflatten", "2x24", () -> new Unflatten(1, 2, 3, 4),
            push(s -> s.push_back(new UnflattenImpl(1, new LongVector(2, 3, 4))))).each());
  }
}
