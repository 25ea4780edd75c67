package io.github.einkorn.examples;

import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Activations;
import io.github.einkorn.nn.Concat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** The shapes of an image on its way through GoogLeNet, and the six widths of each inception module. */
@Command(name = "GoogLeNet", header = "S3", description = "Shapes and widths through nine inception modules")
final class GoogLeNet extends Example {
  private static final List<String> WIDTHS = List.of("branch1", "branch2.0", "branch2.1", "branch3.0", "branch3.1",
      "branch4.1");
  private static final int MAPS = 16;

  @Override
  List<Figure> run() throws IOException {
    var model = new io.github.einkorn.models.GoogLeNet(1000);
    Map<String, Tensor> weights = model.stateDict();
    var sizes = new ArrayList<Integer>(List.of(224));
    var modules = new ArrayList<String>();
    boolean joined = true; // a module gives the maps of its four branches, one after the other
    boolean halved = true;
    String last = "";
    try (var scope = new Scope()) {
      Tensor x = picture();
      Map<String, Tensor> outputs = Activations.of(model, x);
      var maps = new LinkedHashMap<String, Tensor>();
      maps.put("input", x);
      System.out.printf("%-12s %-20s %s%n", "layer", "output", "widths: 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool");
      for (var layer : model.children().entrySet()) {
        String name = layer.getKey();
        Tensor y = outputs.get(name);
        String widths = "";
        if (layer.getValue() instanceof Concat) {
          int[] six = WIDTHS.stream().mapToInt(w -> weights.get(name + "." + w + ".conv.weight").dim(0)).toArray();
          modules.add(name);
          joined &= y.dim(1) == six[0] + six[2] + six[4] + six[5] && y.dim(2) == sizes.get(sizes.size() - 1);
          widths = "%d, %d, %d, %d, %d, %d".formatted(six[0], six[1], six[2], six[3], six[4], six[5]);
        }
        System.out.printf("%-12s %-20s %s%n", name, y.shape(), widths);
        int size = sizes.get(sizes.size() - 1);
        if (y.rank() == 4 && y.dim(2) > 1 && y.dim(2) != size) {
          halved &= y.dim(2) * 2 == size;
          sizes.add(y.dim(2));
          maps.put(name, y.narrow(1, 0, Math.min(MAPS, y.dim(1))));
        }
        last = y.shape().toString();
      }
      Pictures.featureMaps(picture("halvings.png"), "GoogLeNet, untrained: an image is halved five times", maps(maps));
    }
    long alexNet = new io.github.einkorn.models.AlexNet(1000).parameterCount();
    System.out.printf("%,d parameters, AlexNet %,d%n", model.parameterCount(), alexNet);
    return List.of(
        Figure.equal("inception modules", 9, modules.size()),
        Figure.holds("each joins its branches by depth and keeps the size", joined),
        Figure.equal("sizes", "[224, 112, 56, 28, 14, 7]", sizes.toString()),
        Figure.holds("each is half of the one before", halved),
        Figure.equal("output", "(1, 1000)", last),
        Figure.near("parameters, of AlexNet's", 0.1, 0.02, (double) model.parameterCount() / alexNet));
  }

  /** Eight tiles of a depth are enough; the colours of the input side by side. */
  private static Map<String, Tensor> maps(Map<String, Tensor> depths) {
    var few = new LinkedHashMap<String, Tensor>();
    depths.forEach((name, y) -> few.put(name, y.narrow(1, 0, Math.min(name.equals("conv1") ? 6 : 8, y.dim(1)))));
    return few;
  }

  /** Rings (1, 3, 224, 224), of another width in each colour. */
  private static Tensor picture() {
    float[] x = new float[3 * 224 * 224];
    for (int c = 0, i = 0; c < 3; c++) {
      for (int row = 0; row < 224; row++) {
        for (int column = 0; column < 224; column++, i++) {
          x[i] = (float) Math.sin(Math.hypot(row - 112, column - 112) / (4 + 3 * c));
        }
      }
    }
    return Tensor.of(x, 1, 3, 224, 224);
  }
}
