package io.github.einkorn.parity;

import static io.github.einkorn.parity.Case.function;
import static io.github.einkorn.parity.Case.layer;
import static io.github.einkorn.parity.Input.normal;
import static io.github.einkorn.parity.Stack.pad;
import static io.github.einkorn.parity.Stack.set;
import static io.github.einkorn.parity.Stack.stride;

import io.github.einkorn.Winograd;
import io.github.einkorn.nn.AvgPool2d;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.GlobalAvgPool2d;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.Window;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.kSame;

/** Convolutions and pooling with their options. */
final class WindowCases {
  private WindowCases() {}

  static Stream<Case> all() {
    return Stream.of(convolutions().stream(), winograd(), pools().stream()).flatMap(s -> s);
  }

  /** F2 is to be as exact as direct convolution, F4 four times less. */
  private static Stream<Case> winograd() {
    return Stream.of(
        layer("Conv2d 32 to 64", "4x32x14x14", () -> new Conv2d(32, 64, Window.of(3).pad(1)),
            t -> t.conv(32, 64, 3, pad(1))),
        layer("Conv2d 128 to 128", "2x128x14x14", () -> new Conv2d(128, 128, Window.of(3).pad(1)),
            t -> t.conv(128, 128, 3, pad(1))),
        layer("Conv2d 48 to 96 5x5", "2x48x13x13", () -> new Conv2d(48, 96, Window.of(5).pad(2)),
            t -> t.conv(48, 96, 5, pad(2))))
        .flatMap(c -> Stream.of(c.winograd(Winograd.OFF, 1), c.winograd(Winograd.F2, 1), c.winograd(Winograd.F4, 4)));
  }

  private static List<Case> convolutions() {
    return List.of(
        layer("Conv2d", "2x3x9x9", () -> new Conv2d(3, 4, 3), t -> t.conv(3, 4, 3)),
        layer("Conv2d no bias", "2x3x9x9", () -> new Conv2d(3, 4, 3).bias(false),
            t -> t.conv(3, 4, 3, o -> o.bias().put(false))),
        layer("Conv2d stride 2", "2x3x10x9", () -> new Conv2d(3, 4, Window.of(3).stride(2)),
            t -> t.conv(3, 4, 3, stride(2))),
        layer("Conv2d stride 2x3, padding 1x2", "2x3x10x9", () -> new Conv2d(3, 4, Window.of(3).stride(2, 3).pad(1, 2)),
            t -> t.conv(3, 4, 3, pad(1, 2).andThen(o -> set(o.stride(), 2, 3)))),
        layer("Conv2d padding 2", "2x3x7x7", () -> new Conv2d(3, 4, Window.of(5).pad(2)),
            t -> t.conv(3, 4, 5, pad(2))),
        layer("Conv2d same", "2x5x7x6", () -> new Conv2d(5, 4, Window.same(3)),
            t -> t.conv(5, 4, 3, o -> o.padding().put(new kSame()))),
        layer("Conv2d same, even kernel", "2x5x7x6", () -> new Conv2d(5, 4, Window.same(4, 2)),
            t -> t.conv(5, 4, 4, 2, o -> o.padding().put(new kSame()))),
        layer("Conv2d dilation", "2x3x11x12", () -> new Conv2d(3, 4, Window.of(3).dilation(2, 3)),
            t -> t.conv(3, 4, 3, o -> set(o.dilation(), 2, 3))),
        layer("Conv2d dilation, padding, stride", "2x8x11x12",
            () -> new Conv2d(8, 16, Window.of(3).dilation(2).pad(2).stride(2)),
            t -> t.conv(8, 16, 3, pad(2).andThen(stride(2)).andThen(o -> set(o.dilation(), 2, 2)))),
        layer("Conv2d 2 groups", "2x4x9x9", () -> new Conv2d(4, 6, 3).groups(2),
            t -> t.conv(4, 6, 3, o -> o.groups().put(2))),
        layer("Conv2d depthwise", "2x16x9x9", () -> new Conv2d(16, 16, Window.of(3).pad(1)).groups(16),
            t -> t.conv(16, 16, 3, pad(1).andThen(o -> o.groups().put(16)))),
        layer("Conv2d depthwise, two each, stride 2", "2x6x9x9",
            () -> new Conv2d(6, 12, Window.of(3).stride(2)).groups(6).bias(false),
            t -> t.conv(6, 12, 3, stride(2).andThen(o -> {
              o.groups().put(6);
              o.bias().put(false);
            }))),
        layer("Conv2d 1x1", "2x16x9x9", () -> new Conv2d(16, 8, 1), t -> t.conv(16, 8, 1)),
        layer("Conv2d 1x1 stride 2", "2x16x9x9", () -> new Conv2d(16, 8, Window.of(1).stride(2)),
            t -> t.conv(16, 8, 1, stride(2))),
        layer("Conv2d 1x1, padding 2, stride 3", "2x16x9x9", () -> new Conv2d(16, 8, Window.of(1).pad(2).stride(3)),
            t -> t.conv(16, 8, 1, pad(2).andThen(stride(3)))),
        layer("Conv2d 2 groups, padding beyond the kernel", "2x4x5x6",
            () -> new Conv2d(4, 6, Window.of(3).pad(4)).groups(2),
            t -> t.conv(4, 6, 3, pad(4).andThen(o -> o.groups().put(2)))),
        layer("Conv2d 1x7", "2x4x9x9", () -> new Conv2d(4, 8, Window.of(1, 7).pad(0, 3)),
            t -> t.conv(4, 8, 1, 7, pad(0, 3))),
        layer("Conv2d kernel as large as the image", "3x8x5x4", () -> new Conv2d(8, 24, Window.of(5, 4)),
            t -> t.conv(8, 24, 5, 4, o -> {})),
        layer("Conv2d one channel 5x5", "8x1x28x28", () -> new Conv2d(1, 30, 5), t -> t.conv(1, 30, 5)),
        layer("Conv2d one channel 3x3", "8x1x28x28", () -> new Conv2d(1, 32, Window.same(3)),
            t -> t.conv(1, 32, 3, pad(1))),
        layer("Conv2d one channel to one", "2x1x8x8", () -> new Conv2d(1, 1, 3), t -> t.conv(1, 1, 3)),
        layer("Conv2d three channels 3x3", "4x3x32x32", () -> new Conv2d(3, 32, Window.of(3).pad(1)),
            t -> t.conv(3, 32, 3, pad(1))),
        layer("Conv2d three channels 7x7 stride 2", "2x3x64x64", () -> new Conv2d(3, 64, Window.of(7).pad(3).stride(2)),
            t -> t.conv(3, 64, 7, pad(3).andThen(stride(2)))),
        layer("Conv2d 128 to 128 stride 2", "2x128x14x14", () -> new Conv2d(128, 128, Window.of(3).pad(1).stride(2)),
            t -> t.conv(128, 128, 3, pad(1).andThen(stride(2)))),
        layer("Conv2d 13 to 17", "3x13x10x11", () -> new Conv2d(13, 17, Window.of(3).pad(1)),
            t -> t.conv(13, 17, 3, pad(1))),
        layer("Conv2d of one image", "3x9x9", () -> new Conv2d(3, 4, 3), t -> t.conv(3, 4, 3)),
        function("conv2d padded unevenly", List.of(normal("2x3x7x8"), normal("4x3x3x3"), normal("4")),
            x -> Functional.conv2d(x.get(0), x.get(1), x.get(2), Window.of(3).pad(2, 0, 1, 3)),
            x -> torch.conv2d(torch.constant_pad_nd(x.get(0), 0, 3, 2, 1), x.get(1), new TensorOptional(x.get(2)),
                new long[] {1, 1}, new long[] {0, 0}, new long[] {1, 1}, 1)));
  }

  private static List<Case> pools() {
    return List.of(
        layer("MaxPool2d", "2x3x8x6", () -> new MaxPool2d(2), t -> t.maxPool(2)),
        layer("MaxPool2d with a rest", "2x3x9x7", () -> new MaxPool2d(2), t -> t.maxPool(2)),
        layer("MaxPool2d overlapping", "2x17x9x7", () -> new MaxPool2d(Window.of(3).stride(2)),
            t -> t.maxPool(3, 3, o -> set(o.stride(), 2, 2))),
        layer("MaxPool2d padded", "2x64x14x14", () -> new MaxPool2d(Window.of(3).stride(2).pad(1)),
            t -> t.maxPool(3, 3, o -> {
              set(o.stride(), 2, 2);
              set(o.padding(), 1, 1);
            })),
        layer("MaxPool2d ceil", "2x3x8x9", () -> new MaxPool2d(Window.of(3).stride(2).ceilMode(true)),
            t -> t.maxPool(3, 3, o -> {
              set(o.stride(), 2, 2);
              o.ceil_mode().put(true);
            })),
        layer("MaxPool2d ceil, padded", "2x3x8x9", () -> new MaxPool2d(Window.of(3, 2).pad(1).ceilMode(true)),
            t -> t.maxPool(3, 2, o -> {
              set(o.padding(), 1, 1);
              o.ceil_mode().put(true);
            })),
        layer("MaxPool2d dilated", "2x3x9x9", () -> new MaxPool2d(Window.of(2, 3).stride(1).dilation(3, 2)),
            t -> t.maxPool(2, 3, o -> {
              set(o.stride(), 1, 1);
              set(o.dilation(), 3, 2);
            })),
        layer("MaxPool2d of over 256 taps", "2x2x20x20", () -> new MaxPool2d(17), t -> t.maxPool(17)),
        layer("MaxPool2d of equals", Input.of("1x1x4x4", 1, 1, 0, 0, 1, 1, 0, 0, -1, -1, 2, 3, -1, -1, 3, 3),
            () -> new MaxPool2d(2), t -> t.maxPool(2)),
        layer("MaxPool2d of NaN", Input.of("1x1x2x4", 1, Double.NaN, 0, 5, 3, 1, Double.NEGATIVE_INFINITY, Double.NaN),
            () -> new MaxPool2d(2), t -> t.maxPool(2)),
        layer("MaxPool2d of one image", "3x8x6", () -> new MaxPool2d(2), t -> t.maxPool(2)),
        layer("AvgPool2d", "2x3x8x6", () -> new AvgPool2d(2), t -> t.avgPool(2)),
        layer("AvgPool2d overlapping", "2x17x9x7", () -> new AvgPool2d(Window.of(3, 2).stride(2, 1)),
            t -> t.avgPool(3, 2, o -> set(o.stride(), 2, 1))),
        layer("AvgPool2d padded", "2x3x9x7", () -> new AvgPool2d(Window.of(3).stride(2).pad(1)),
            t -> t.avgPool(3, 3, o -> {
              set(o.stride(), 2, 2);
              set(o.padding(), 1, 1);
            })),
        layer("AvgPool2d padding not counted", "2x3x9x7",
            () -> new AvgPool2d(Window.of(3).stride(2).pad(1)).countIncludePad(false),
            t -> t.avgPool(3, 3, o -> {
              set(o.stride(), 2, 2);
              set(o.padding(), 1, 1);
              o.count_include_pad().put(false);
            })),
        layer("AvgPool2d ceil", "2x3x8x9", () -> new AvgPool2d(Window.of(3).stride(2).pad(1).ceilMode(true)),
            t -> t.avgPool(3, 3, o -> {
              set(o.stride(), 2, 2);
              set(o.padding(), 1, 1);
              o.ceil_mode().put(true);
            })),
        layer("AvgPool2d ceil, padding not counted", "2x3x8x9",
            () -> new AvgPool2d(Window.of(3, 2).pad(1).ceilMode(true)).countIncludePad(false),
            t -> t.avgPool(3, 2, o -> {
              set(o.padding(), 1, 1);
              o.ceil_mode().put(true);
              o.count_include_pad().put(false);
            })),
        layer("AvgPool2d of one image", "3x8x6", () -> new AvgPool2d(2), t -> t.avgPool(2)),
        layer("GlobalAvgPool2d", "2x17x9x7", GlobalAvgPool2d::new, Stack::globalAvgPool),
        layer("GlobalAvgPool2d of one pixel", "2x3x1x1", GlobalAvgPool2d::new, Stack::globalAvgPool));
  }
}
