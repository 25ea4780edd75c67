package io.github.einkorn.examples;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.TensorDataset;
import io.github.einkorn.nn.Conv1d;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Embedding;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.Window;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.History;
import io.github.einkorn.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/**
 * Sentences of {@link Reviews} by convolutions over the matrix of their words, as wide as the embedding, so that they
 * move along the words alone; of each filter the greatest answer counts (Kim 2014, Convolutional Neural Networks for
 * Sentence Classification). Which words there are tells nothing of the class: a bag of words stays at chance.
 */
@Command(name = "SentenceCnn", header = "S3", description = "Conv1d over sentences, against a bag of words")
final class SentenceCnn extends TrainingExample {
  private static final int WIDTH = 16; // of the embedding
  private static final int[] HEIGHTS = {2, 3, 4}; // of the kernels, in words
  private static final int FILTERS = 16; // of each height

  private static final class Cnn extends Layer {
    final Embedding words = child("words", new Embedding(Reviews.WORDS.size(), WIDTH).paddingIdx(0));
    final List<Conv1d> filters = new ArrayList<>();
    final Linear out = child("out", new Linear(HEIGHTS.length * FILTERS, 2));

    Cnn() {
      for (int h : HEIGHTS) filters.add(child("filters" + h, new Conv1d(WIDTH, FILTERS, h)));
    }

    /** (N, width, words): in PyTorch's order the vector of a word stands in the channels. */
    Tensor matrix(Tensor sentences) {
      return words.forward(sentences).transpose(1, 2);
    }

    @Override
    public Tensor forward(Tensor sentences) {
      Tensor x = matrix(sentences);
      return out.forward(Tensor.cat(1, filters.stream().map(f -> f.forward(x).relu().max(2)).toArray(Tensor[]::new)));
    }
  }

  private static final class Bag extends Layer {
    final Embedding words = child("words", new Embedding(Reviews.WORDS.size(), WIDTH).paddingIdx(0));
    final Linear hidden = child("hidden", new Linear(WIDTH, HEIGHTS.length * FILTERS));
    final Linear out = child("out", new Linear(HEIGHTS.length * FILTERS, 2));

    @Override
    public Tensor forward(Tensor sentences) {
      return out.forward(hidden.forward(words.forward(sentences).mean(1)).relu());
    }
  }

  @Override
  List<Figure> run() throws IOException {
    int n = either(4000, 1500);
    var reviews = new Reviews(n + either(1000, 500), seed());
    var train = reviews.dataset(0, n);
    var test = reviews.dataset(n, reviews.size());
    for (int i = 0; i < 4; i++) System.out.println((reviews.isGood(i) ? "good: " : "bad:  ") + reviews.text(i));
    System.out.printf("%,d sentences to train on, %,d others to test with%n%n", train.size(), test.size());

    var cnn = new Cnn();
    var panels = new LinkedHashMap<String, Map<String, List<Double>>>();
    double right = fit("convolutions", cnn, train, test, panels);
    double chance = fit("bag of words", new Bag(), train, test, panels);
    Pictures.curves(picture("accuracy.png"), "Sentences by convolutions and by a bag of words", "epoch", panels);
    strongest(cnn, reviews);
    return List.of(
        Figure.atMost("Conv1d less Conv2d of kernels as wide as the embedding", 1e-5, difference(cnn, reviews)).own(),
        Figure.atLeast("convolutions: accuracy on new sentences", either(0.97, 0.85), right).own(),
        Figure.near("bag of words: accuracy on new sentences", 0.5, either(0.06, 0.1), chance).own());
  }

  private double fit(String name, Layer model, TensorDataset train, TensorDataset test,
      Map<String, Map<String, List<Double>>> panels) {
    History history = new Trainer(model).loss(new CrossEntropyLoss()).metrics(new Accuracy())
        .optimizer(new Adam(model.parameters(), 0.003)).verbose(0)
        .fit(new DataLoader(train).batchSize(50).shuffle(true), new DataLoader(test).batchSize(500), epochs(15, 8));
    List<Double> tested = history.get("val_accuracy");
    panels.computeIfAbsent("accuracy, training", k -> new LinkedHashMap<>()).put(name, history.get("accuracy"));
    panels.computeIfAbsent("accuracy, new sentences", k -> new LinkedHashMap<>()).put(name, tested);
    double last = tested.get(history.epochs() - 1);
    System.out.printf("%-12s %,6d parameters, accuracy on new sentences %.4f%n", name, model.parameterCount(), last);
    return last;
  }

  /**
   * The largest difference between a filter's answers and those of a convolution over the matrix as an image, a row for
   * each word: a kernel as wide as the image has no room to move sideways.
   */
  private static double difference(Cnn cnn, Reviews reviews) {
    try (var scope = new Scope(); var off = new NoGrad()) {
      Tensor x = cnn.matrix(reviews.numbers(0, 4));
      Conv1d filters = cnn.filters.get(1);
      int height = HEIGHTS[1];
      Tensor kernels = filters.weight().transpose(1, 2).reshape(FILTERS, 1, height, WIDTH);
      Tensor image = x.transpose(1, 2).unsqueeze(1);
      Tensor of2d = Functional.conv2d(image, kernels, filters.bias(), Window.of(height, WIDTH));
      Tensor of1d = filters.forward(x);
      System.out.printf("%nFour sentences and their answers: Conv1d %s to %s, Conv2d %s to %s%n", x.shape(),
          of1d.shape(), image.shape(), of2d.shape());
      return of2d.squeeze(3).sub(of1d).abs().max().item();
    }
  }

  /** Prints, for the filters that speak loudest for either class, the words that they answer to most. */
  private static void strongest(Cnn cnn, Reviews reviews) {
    System.out.println("\nWhat the filters that say most answer to:");
    try (var scope = new Scope(); var off = new NoGrad()) {
      Tensor x = cnn.matrix(reviews.numbers(0, reviews.size()));
      Tensor says = cnn.out.weight().select(0, 1).sub(cnn.out.weight().select(0, 0)); // good less bad
      for (int h = 0; h < HEIGHTS.length; h++) {
        Tensor mine = says.narrow(0, h * FILTERS, FILTERS);
        Tensor answers = cnn.filters.get(h).forward(x);
        System.out.printf("  %d words, for good: %-28s for bad: %s%n", HEIGHTS[h],
            words(answers, mine.argmax(), HEIGHTS[h], reviews), words(answers, mine.argmin(), HEIGHTS[h], reviews));
      }
    }
  }

  private static String words(Tensor answers, Tensor filter, int height, Reviews reviews) {
    int place = (int) answers.select(1, (int) filter.toLongs()[0]).argmax().toLongs()[0];
    return reviews.text(place / answers.dim(2), place % answers.dim(2), height);
  }}
