package io.github.einkorn.examples;

import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.AvgPool2d;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Init;
import io.github.einkorn.optim.Adam;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;

/**
 * AlexNet: the lecture's table, whose F8 is no convolution but a max-pool, and the net at work on a folder of images,
 * which are shifted, mirrored and lit differently each time.
 */
@Command(name = "AlexNet", header = "S3, S4", description = "The table of AlexNet; training on a folder of images")
final class AlexNet extends FolderExample {
  @Override
  List<Figure> run() throws IOException {
    var figures = new ArrayList<>(table());
    FolderParts images = images(227);
    augmented(images);
    var model = new io.github.einkorn.models.AlexNet(images.classes().size());
    // from the paper's N(0, 0.01²) the loss would fall only after far more steps; fc8, without a ReLU, keeps it
    model.namedParameters().forEach((name, p) -> {
      if (name.startsWith("fc8")) return;
      if (p.rank() > 1) Init.heNormal(p);
      else Init.zeros(p);
    });
    figures.addAll(learn(model, new Adam(model.parameters(), 1e-4), images));
    return figures;
  }

  private static List<Figure> table() {
    var model = new io.github.einkorn.models.AlexNet(1000);
    List<Shape> shapes = LayerTable.print(model, Tensor.zeros(1, 3, 227, 227), "C1", "S2", "C3", "S4", "C5", "C6", "C7",
        "F8", "F9", "F10", "output");
    long convolution = new Conv2d(256, 256, 3).parameterCount();
    System.out.printf("The note calls F8 a convolution, 3×3 with stride 2. It is a max-pool of this size: a convolution"
        + "%nwould have %,d parameters, and the net %,d.%n%n", convolution, model.parameterCount() + convolution);
    List<Integer> maps = shapes.stream().map(s -> s.dim(1)).toList();
    return List.of(
        Figure.equal("parameters", 62_378_344L, model.parameterCount()),
        Figure.equal("maps, then units", "[96, 96, 256, 256, 384, 384, 256, 256, 4096, 4096, 1000]", maps.toString()),
        Figure.equal("sizes from C1 to F8", "[55, 27, 27, 13, 13, 13, 13, 6]", LayerTable.sizes(shapes).toString()));
  }

  /** Draws one training image of each class, for some classes, as it comes in eight epochs. */
  private void augmented(FolderParts images) throws IOException {
    try (var scope = new Scope()) {
      Dataset train = images.train().dataset();
      int[] one = Loop.oneOfEach(train, Math.min(4, images.classes().size()));
      var sections = new LinkedHashMap<String, Tensor>();
      for (int c = 0; c < one.length; c++) {
        int i = one[c];
        Tensor ways = Tensor.stack(0, IntStream.range(0, 8).mapToObj(epoch -> train.seeded(epoch).get(i).x())
            .toArray(Tensor[]::new));
        sections.put(images.classes().get(c), new AvgPool2d(3).forward(ways));
      }
      Pictures.tiles(picture("augmented.png"), "An image of each class, as it comes in eight epochs", sections);
    }
  }
}
