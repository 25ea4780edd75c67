package io.github.einkorn.examples;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Init;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** A deeper perceptron, of whose neurons 3 in 10 are left out at random while it trains, and none afterwards. */
@Command(name = "MnistDropout", header = "S1", description = "MNIST, 784-512x4-10, dropout; train() against eval()")
final class MnistDropout extends MnistExample {
  @Override
  List<Figure> run() throws IOException {
    var model = new Sequential(new Flatten(),
        new Linear(784, 512), new ReLU(), new Dropout(0.3),
        new Linear(512, 512), new ReLU(), new Dropout(0.3),
        new Linear(512, 512), new ReLU(), new Dropout(0.3),
        new Linear(512, 512), new ReLU(), new Dropout(0.3),
        new Linear(512, 10));
    for (Layer l : model.layers()) if (l instanceof Linear linear) Init.xavierUniform(linear.weight());
    var adam = new Adam(model.parameters(), 0.001);
    Dataset test = mnistTest();
    List<Double> costs = Loop.train(model, adam, Loop.batches(mnistTrain()), epochs(15, 4));

    model.train(); // dropout at work: no two answers are the same
    boolean trainingRepeats = repeats(model, test);
    model.eval(); // dropout off
    boolean evaluationRepeats = repeats(model, test);
    System.out.println("The same image twice gives the same answer: in train() " + trainingRepeats + ", in eval() "
        + evaluationRepeats);
    double accuracy = Loop.accuracy(model, test);
    Loop.oneAnswer(model, test, seed());
    Pictures.curves(picture("cost.png"), "MNIST with dropout 0.3", "epoch", "cost", Map.of("training", costs));
    return List.of(
        Figure.holds("train() and eval() differ", !trainingRepeats && evaluationRepeats),
        Figure.atLeast("accuracy", either(0.978, 0.8), accuracy));
  }

  private static boolean repeats(Layer model, Dataset images) {
    try (var scope = new Scope(); var off = new NoGrad()) {
      Tensor x = images.get(0).x().unsqueeze(0);
      return Arrays.equals(model.forward(x).toFloats(), model.forward(x).toFloats());
    }
  }
}
