package io.github.einkorn.examples;

import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Activations;
import io.github.einkorn.nn.Concat;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.optim.Adam;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/**
 * GoogLeNet: shapes, the six widths of each inception module, and the net at work on a folder of images. Of the five
 * halvings four are max-pools, not five as the note has it: the first is the stride of the first convolution.
 */
@Command(name = "GoogLeNet", header = "S3", description = "GoogLeNet's nine inception modules; training on a folder")
final class GoogLeNet extends FolderExample {
  private static final int MAPS = 8;

  private final List<String> halvings = new ArrayList<>();

  @Override
  List<Figure> run() throws IOException {
    var figures = new ArrayList<>(table());
    FolderParts images = images(224);
    var model = new io.github.einkorn.models.GoogLeNet(images.classes().size());
    figures.addAll(learn(model, new Adam(model.parameters(), 3e-4), images));
    maps(model, images.valid().dataset().get(0).x().unsqueeze(0));
    return figures;
  }

  private List<Figure> table() {
    var model = new io.github.einkorn.models.GoogLeNet(1000);
    var sizes = new ArrayList<Integer>(List.of(224));
    int modules = 0;
    boolean joined = true; // a module gives the maps of its four branches, and keeps the size
    String last = "";
    try (var scope = new Scope()) {
      Map<String, Tensor> outputs = Activations.of(model, Tensor.zeros(1, 3, 224, 224));
      System.out.printf("%-12s %-20s %s%n", "layer", "output", "widths: 1×1; 1×1, 3×3; 1×1, 5×5; pool, 1×1");
      for (var child : model.children().entrySet()) {
        Tensor y = outputs.get(child.getKey());
        int size = sizes.get(sizes.size() - 1);
        String widths = "";
        if (child.getValue() instanceof Concat inception) {
          List<Integer> six = widths(inception);
          modules++;
          joined &= y.dim(1) == six.get(0) + six.get(2) + six.get(4) + six.get(5) && y.dim(2) == size;
          widths = "%d; %d, %d; %d, %d; %d".formatted(six.toArray());
        }
        System.out.printf("%-12s %-20s %s%n", child.getKey(), y.shape(), widths);
        if (y.rank() == 4 && y.dim(2) > 1 && y.dim(2) != size) {
          sizes.add(y.dim(2));
          halvings.add(child.getKey());
        }
        last = y.shape().toString();
      }
    }
    long alexNet = new io.github.einkorn.models.AlexNet(1000).parameterCount();
    System.out.printf("%,d parameters; AlexNet has %,d%n%n", model.parameterCount(), alexNet);
    return List.of(
        Figure.equal("inception modules", 9, modules),
        Figure.holds("each joins its branches by depth, and keeps the size", joined),
        Figure.equal("five halvings", "[224, 112, 56, 28, 14, 7]", sizes.toString()),
        Figure.equal("output", "(1, 1000)", last).own(),
        Figure.near("parameters, of AlexNet's", 0.1, 0.02, (double) model.parameterCount() / alexNet));
  }

  /** How many maps each convolution of a module gives; there are six. */
  private static List<Integer> widths(Layer inception) {
    return inception.layers().stream().filter(l -> l instanceof Conv2d).map(l -> ((Conv2d) l).weight().dim(0)).toList();
  }

  /** Draws some maps behind each halving. */
  private void maps(Layer model, Tensor x) throws IOException {
    try (var scope = new Scope()) {
      Map<String, Tensor> outputs = Activations.of(model, x);
      var maps = new LinkedHashMap<String, Tensor>();
      maps.put("red, green, blue", x);
      for (String name : halvings) maps.put(name, outputs.get(name).narrow(1, 0, MAPS));
      Pictures.featureMaps(picture("halvings.png"), "GoogLeNet halves an image five times", maps);
    }
  }
}
