package io.github.einkorn.examples;

import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.optim.Optimizer;
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.History;
import io.github.einkorn.train.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/**
 * A program of a net that the lecture trains on ImageNet, which is out of reach: here it is a folder of images, by
 * default one of drawn patterns, so that some dozens of steps show that the net learns.
 */
abstract class FolderExample extends TrainingExample {
  @Option(names = "--folder", paramLabel = "DIR",
      description = "train on these images, a folder for each class: DIR/cat/1.jpg (default: drawn patterns)")
  private Path folder;

  /** The images, cut to size × size. */
  final FolderParts images(int size) throws IOException {
    int each = either(60, 6);
    Path root = folder != null ? folder
        : DrawnImages.write(folder("images-" + each), each, 256, seed(), DrawnImages.Kind.values());
    return FolderParts.of(root, size, either(16, 4));
  }

  /** Trains and draws the curves; the figures tell what was learned of the drawn patterns. */
  final List<Figure> learn(Layer model, Optimizer optimizer, FolderParts images) throws IOException {
    History history = new Trainer(model).loss(new CrossEntropyLoss()).metrics(new Accuracy()).optimizer(optimizer)
        .verbose(2).fit(images.train(), images.valid(), epochs(8, 2));
    Pictures.curves(picture("curves.png"), name() + " on " + images.classes().size() + " classes", history);
    int last = history.epochs() - 1;
    double guessing = Math.log(images.classes().size());
    if (folder != null) return List.of(); // nobody knows what can be learned from them
    if (isQuick()) { // ten steps are too few to learn, but should do no harm
      return List.of(Figure.atMost("loss on images it has not seen, of guessing's", 2,
          history.get("val_loss").get(last) / guessing).own());
    }
    return List.of(
        Figure.atMost("loss, of guessing's", 0.5, history.get("loss").get(last) / guessing).own(),
        Figure.atLeast("accuracy on images it has not seen", 0.8, history.get("val_accuracy").get(last)).own());
  }
}
