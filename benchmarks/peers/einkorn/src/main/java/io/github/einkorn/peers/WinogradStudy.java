package io.github.einkorn.peers;

import io.github.einkorn.Einkorn;
import io.github.einkorn.Winograd;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.data.FashionMnist;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.Callback;
import io.github.einkorn.train.Trainer;
import io.github.einkorn.train.Training;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Whether Winograd costs accuracy: nets trained on Fashion-MNIST in each way, for each seed from the same weights and
 * with the same order of images. Adam, its rate falling evenly from 0.001 to 0. Prints a Markdown table of the accuracy
 * on the 10,000 images of the test set.
 */
public final class WinogradStudy {
  private static final String USAGE = """
      usage: scripts/bench.sh winograd [--only NET,..] [--seeds N] [--images N] [--epochs N]
      Trains nets on Fashion-MNIST with each Winograd and without, and prints their accuracy on the test set; by default
      in about 17 minutes on two threads with AVX2.
        --only NET,..  of lenet-5, fashion-cnn, resnet-18
        --seeds N      seeds 1 to N (default 3)
        --images N     training images, the first ones (default 6000)
        --epochs N     passes over them (default 2)
      """;
  private static final int BATCH = 32;
  private static final double RATE = 1e-3;

  private static final Map<String, Function<Layers<Layer>, List<Layer>>> NETS = new LinkedHashMap<>();

  static {
    NETS.put("lenet-5", Net.W3::layers);
    NETS.put("fashion-cnn", Net.W4::layers);
    NETS.put("resnet-18", l -> ResNets.resNet18(l, 1, 10));
  }

  private final Dataset train;
  private final Dataset test = FashionMnist.test();
  private final int seeds;
  private final int epochs;

  private WinogradStudy(int seeds, int images, int epochs) {
    this.train = FashionMnist.train().take(images);
    this.seeds = seeds;
    this.epochs = epochs;
  }

  public static void main(String[] args) {
    List<String> only = List.copyOf(NETS.keySet());
    int seeds = 3, images = 6000, epochs = 2;
    try {
      for (int i = 0; i < args.length; i += 2) {
        String value = i + 1 < args.length ? args[i + 1] : "";
        switch (args[i]) {
          case "--only" -> only = nets(value);
          case "--seeds" -> seeds = count(args[i], value);
          case "--images" -> images = count(args[i], value);
          case "--epochs" -> epochs = count(args[i], value);
          default -> throw new IllegalArgumentException(args[i] + ": no such option");
        }
      }
    } catch (IllegalArgumentException e) {
      System.err.print(e.getMessage() + "\n" + USAGE);
      System.exit(2);
    }
    new WinogradStudy(seeds, images, epochs).run(only);
  }

  private static List<String> nets(String names) {
    List<String> all = List.of(names.split(","));
    for (String name : all) {
      if (!NETS.containsKey(name)) throw new IllegalArgumentException("--only " + names + ": no net \"" + name + "\"");
    }
    return all;
  }

  private static int count(String option, String value) {
    if (value.matches("[1-9][0-9]{0,5}")) return Integer.parseInt(value);
    throw new IllegalArgumentException(option + ": expected a number from 1 on, got \"" + value + "\"");
  }

  private void run(List<String> names) {
    System.out.printf("%d images, %d epochs, batch %d, %d threads, %s%n%n", train.size(), epochs, BATCH,
        Einkorn.threads(), Einkorn.isa());
    String numbers = IntStream.rangeClosed(1, seeds).mapToObj(i -> " seed " + i + " |").collect(Collectors.joining());
    System.out.println("| net | way |" + numbers + " mean | spread |");
    System.out.println("|---|---|" + "--:|".repeat(seeds + 2));
    for (String name : names) {
      for (Winograd way : Winograd.values()) {
        double[] accuracy = IntStream.rangeClosed(1, seeds).mapToDouble(seed -> accuracy(name, way, seed)).toArray();
        var all = Arrays.stream(accuracy).summaryStatistics();
        String each = Arrays.stream(accuracy).mapToObj(a -> " " + format(a) + " |").collect(Collectors.joining());
        System.out.printf("| %s | %s |%s %s | %s |%n", name, way, each, format(all.getAverage()),
            format(all.getMax() - all.getMin()));
      }
    }
  }

  private double accuracy(String name, Winograd way, int seed) {
    System.err.printf("%s %s seed %d%n", name, way, seed);
    Einkorn.winograd(way);
    Einkorn.seed(seed);
    var net = new Sequential(NETS.get(name).apply(new EinkornLayers()).toArray(Layer[]::new));
    var adam = new Adam(net.parameters(), RATE);
    var batches = new DataLoader(train).batchSize(BATCH).shuffle(true);
    var falling = new Callback() {
      private int done;

      @Override
      public void onBatchBegin(Training training, int batch) {
        adam.lr(RATE * (1 - (double) done++ / (epochs * batches.batches())));
      }
    };
    var trainer = new Trainer(net).loss(new CrossEntropyLoss()).metrics(new Accuracy()).optimizer(adam)
        .callbacks(falling).verbose(0);
    trainer.fit(batches, epochs);
    return trainer.evaluate(new DataLoader(test).batchSize(500)).get("accuracy");
  }

  private static String format(double accuracy) {
    return String.format(Locale.ROOT, "%.4f", accuracy);
  }
}
