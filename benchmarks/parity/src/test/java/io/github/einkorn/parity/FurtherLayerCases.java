package io.github.einkorn.parity;

import static io.github.einkorn.parity.Case.function;
import static io.github.einkorn.parity.Case.layer;
import static io.github.einkorn.parity.Case.layerAsFunction;
import static io.github.einkorn.parity.Input.normal;
import static io.github.einkorn.parity.Input.uniform;
import static io.github.einkorn.parity.LayerCases.edges;
import static io.github.einkorn.parity.Stack.set;

import io.github.einkorn.nn.ELU;
import io.github.einkorn.nn.Embedding;
import io.github.einkorn.nn.Fold;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.GELU;
import io.github.einkorn.nn.LRN;
import io.github.einkorn.nn.LayerNorm;
import io.github.einkorn.nn.LocalResponseNorm;
import io.github.einkorn.nn.ReLU6;
import io.github.einkorn.nn.SiLU;
import io.github.einkorn.nn.Step;
import io.github.einkorn.nn.Unfold;
import io.github.einkorn.nn.Window;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;

/** Gates, normalizations by layer and across channels, embeddings, windows as columns. */
final class FurtherLayerCases {
  private FurtherLayerCases() {}

  static Stream<Case> all() {
    return Stream.of(gates(), norms(), others()).flatMap(List::stream);
  }

  private static List<Case> gates() {
    return List.of(
        layer("ReLU6", uniform("1000", -3, 9), ReLU6::new, Stack::relu6).each(),
        layer("ReLU6 at 0, 6 and beyond", Input.of("6", 0, 6, -0.0, 6.0000005, 5.9999995, 1e-30), ReLU6::new,
            Stack::relu6).each(),
        layer("ELU", uniform("1000", -20, 4), ELU::new, t -> t.elu(1)).each(),
        layer("ELU 0.3 at 0 and beyond", edges(), () -> new ELU(0.3), t -> t.elu(0.3)).each(),
        layer("GELU", uniform("1000", -6, 6), GELU::new, t -> t.gelu("none")),
        layer("GELU at 0 and beyond", edges(), GELU::new, t -> t.gelu("none")),
        layer("GELU by tanh", uniform("1000", -6, 6), () -> new GELU().approximate(true), t -> t.gelu("tanh")),
        layer("GELU by tanh at 0 and beyond", edges(), () -> new GELU().approximate(true), t -> t.gelu("tanh")),
        layer("SiLU", uniform("1000", -20, 20), SiLU::new, Stack::silu),
        layer("SiLU at 0 and beyond", edges(), SiLU::new, Stack::silu),
        // sign has the gradient 0 too
        layerAsFunction("Step", normal("3x40"), Step::new, x -> x.sign().relu()).each());
  }

  private static List<Case> norms() {
    return List.of(
        layer("LayerNorm", "9x20", () -> new LayerNorm(20), t -> t.layerNorm(new long[] {20}, o -> {})),
        layer("LayerNorm 768", "50x768", () -> new LayerNorm(768), t -> t.layerNorm(new long[] {768}, o -> {})),
        layer("LayerNorm of images, eps 0.01", "4x3x5x6", () -> new LayerNorm(3, 5, 6).eps(0.01),
            t -> t.layerNorm(new long[] {3, 5, 6}, o -> o.eps().put(0.01))),
        layer("LayerNorm not affine", "4x7x9", () -> new LayerNorm(9).affine(false),
            t -> t.layerNorm(new long[] {9}, o -> o.elementwise_affine().put(false))),
        layer("LocalResponseNorm", "2x96x7x6", () -> new LocalResponseNorm(5),
            t -> t.localResponseNorm(5, 1e-4, 0.75, 1)),
        layer("LocalResponseNorm 4, alpha 2, beta 0.6, k 3", "2x7x5x6",
            () -> new LocalResponseNorm(4).alpha(2).beta(0.6).k(3), t -> t.localResponseNorm(4, 2, 0.6, 3)),
        layer("LocalResponseNorm of lengths, size beyond the channels", "2x3x5",
            () -> new LocalResponseNorm(9).alpha(1).beta(0.5), t -> t.localResponseNorm(9, 1, 0.5, 1)),
        layer("LRN, alpha not divided", "2x13x5x6", () -> new LRN(2).alpha(0.2).k(1),
            t -> t.localResponseNorm(5, 1, 0.75, 1)));
  }

  private static List<Case> others() {
    return List.of(
        layer("Embedding", Input.labels("4x9", 30), () -> new Embedding(30, 17), t -> t.embedding(30, 17, o -> {})),
        layer("Embedding with padding", Input.labels("64", 5), () -> new Embedding(5, 8).paddingIdx(2),
            t -> t.embedding(5, 8, o -> o.padding_idx().put(2))),
        layer("Unfold", "2x3x9x8", () -> new Unfold(3), t -> t.unfold(3, 3, o -> {})).each(),
        layer("Unfold stride, padding, dilation", "2x3x9x8",
            () -> new Unfold(Window.of(2, 3).stride(2, 1).pad(1, 2).dilation(3, 2)),
            t -> t.unfold(2, 3, o -> {
              set(o.stride(), 2, 1);
              set(o.padding(), 1, 2);
              set(o.dilation(), 3, 2);
            })).each(),
        layer("Fold", "2x27x42", () -> new Fold(9, 8, 3), t -> t.fold(9, 8, 3, 3, o -> {})),
        layer("Fold stride, padding, dilation", "2x18x32",
            () -> new Fold(9, 8, Window.of(2, 3).stride(2, 1).pad(1, 2).dilation(3, 2)),
            t -> t.fold(9, 8, 2, 3, o -> {
              set(o.stride(), 2, 1);
              set(o.padding(), 1, 2);
              set(o.dilation(), 3, 2);
            })),
        function("im2col", normal("10x3x7x7"), x -> Functional.im2col(x, Window.of(5)),
            x -> torch.im2col(x, new long[] {5, 5}, new long[] {1, 1}, new long[] {0, 0}, new long[] {1, 1})
                .permute(0, 2, 1).reshape(-1, 75)).each());
  }
}
