package io.github.einkorn.examples;

import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.data.transforms.Normalize;
import io.github.einkorn.data.transforms.Pad;
import io.github.einkorn.data.transforms.Transform;
import io.github.einkorn.data.transforms.Transforms;
import io.github.einkorn.nn.Activations;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Loss;
import io.github.einkorn.nn.RBFLoss;
import io.github.einkorn.nn.SparseConv2d;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.CosineAnnealingLR;
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.History;
import io.github.einkorn.train.LearningRateScheduler;
import io.github.einkorn.train.Trainer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/**
 * LeNet-5 as it was, and as it is built today. The sizes are those of the lecture's table, the 60,000 parameters the
 * paper's (LeCun et al. 1998); the activation is tanh, as in S3 and in the paper, not the sigmoid of S4.
 */
@Command(name = "LeNet5", header = "S3, S4", description = "MNIST by LeNet-5: the original, and a modern variant")
final class LeNet5 extends MnistExample {
  private static final String[] LAYERS = {"C1", "S2", "C3", "S4", "C5", "F6", "output"};
  private static final Pad BORDER = new Pad(2); // 28×28 to 32×32
  /** The border is background too: x ↦ 1.275 x − 0.1, the paper's range, in which the mean is near 0. */
  private static final Transform PAPER =
      Transforms.of(BORDER, new Normalize(new double[] {0.1 / 1.275}, new double[] {1 / 1.275}));

  @Override
  List<Figure> run() throws IOException {
    Layer original = io.github.einkorn.models.LeNet5.original();
    List<Integer> sizes = LayerTable.sizes(LayerTable.print(original, Tensor.zeros(1, 1, 32, 32), LAYERS));
    int connections = connections(original);
    History then = train(original, new RBFLoss(10), new Accuracy().smallest(), PAPER);

    Layer modern = io.github.einkorn.models.LeNet5.modern();
    System.out.println();
    LayerTable.print(modern, Tensor.zeros(1, 1, 32, 32), LAYERS);
    History now = train(modern, new CrossEntropyLoss(), new Accuracy(), BORDER);

    var panels = new LinkedHashMap<String, Map<String, List<Double>>>();
    for (String kind : List.of("accuracy", "val_accuracy")) {
      var nets = new LinkedHashMap<String, List<Double>>();
      nets.put("original", then.get(kind));
      nets.put("modern", now.get(kind));
      panels.put(kind.equals("accuracy") ? "accuracy, training" : "accuracy, test", nets);
    }
    Pictures.curves(picture("accuracy.png"), "LeNet-5 on MNIST", "epoch", panels);
    codes(original);
    return List.of(
        Figure.equal("original: parameters", 60_000L, original.parameterCount()),
        Figure.equal("original: sizes from C1 to C5", "[28, 14, 10, 5, 1]", sizes.toString()),
        Figure.equal("original: connections of C3, of 96", 60, connections).own(),
        Figure.equal("modern: parameters", 61_706L, modern.parameterCount()).own(),
        Figure.atLeast("original: accuracy", either(0.985, 0.8), last(then)),
        Figure.atLeast("modern: accuracy", either(0.985, 0.8), last(now)));
  }

  private History train(Layer model, Loss loss, Accuracy accuracy, Transform pixels) {
    int epochs = epochs(10, 4);
    var adam = new Adam(model.parameters(), 0.002);
    return new Trainer(model).loss(loss).metrics(accuracy).optimizer(adam).verbose(2)
        .callbacks(new LearningRateScheduler(new CosineAnnealingLR(adam, epochs)))
        .fit(new DataLoader(mnistTrain().transform(pixels)).batchSize(either(64, 20)).shuffle(true).workers(2),
            new DataLoader(mnistTest().transform(pixels)).batchSize(500), epochs);
  }

  private static double last(History history) {
    return history.get("val_accuracy").get(history.epochs() - 1);
  }

  /** Prints the paper's table I, a column for each of the 16 maps of C3, and counts its crosses. */
  private static int connections(Layer original) {
    var c3 = (SparseConv2d) original.layers().stream().filter(l -> l instanceof SparseConv2d).findFirst().get();
    int count = 0;
    try (var scope = new Scope()) {
      Tensor kernels = c3.dense().abs().sum(2, 3); // 0 where nothing is connected
      System.out.println("Maps of S2, the rows, that the maps of C3 see:");
      for (int in = 0; in < kernels.dim(1); in++) {
        var row = new StringBuilder();
        for (float size : kernels.select(1, in).toFloats()) {
          row.append(size == 0 ? " ." : " X");
          if (size != 0) count++;
        }
        System.out.println(row);
      }
    }
    System.out.println();
    return count;
  }

  /** Draws what F6 makes of a test image of each digit, below the pictures of 7×12 that it should come near. */
  private void codes(Layer original) throws IOException {
    try (var scope = new Scope()) {
      Dataset test = mnistTest();
      int[] one = Loop.oneOfEach(test, 10);
      var sections = new LinkedHashMap<String, Tensor>();
      sections.put("test images", test.batch(one).x().narrow(2, 1, 26).narrow(3, 1, 26)); // as wide as those below
      Tensor said = Activations.of(original, test.transform(PAPER).batch(one).x()).get("classifier.squash6");
      sections.put("what F6 makes of them", said.reshape(10, 1, 12, 7));
      sections.put("the centres of the RBF layer, from which the distances are taken",
          original.stateDict().get("classifier.output.weight").reshape(10, 1, 12, 7));
      Pictures.tiles(picture("codes.png"), "LeNet-5: the nearest centre is the answer", sections);
    }
  }
}
