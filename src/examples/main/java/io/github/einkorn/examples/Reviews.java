package io.github.einkorn.examples;

import io.github.einkorn.Tensor;
import io.github.einkorn.data.TensorDataset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Made-up sentences on films, all different, as "the plot was not very dull but the cast was famous": one clause has
 * an opinion, the other has not, and just one of them is negated. So the words alone tell nothing: it matters whether
 * "not" stands before the opinion.
 */
final class Reviews {
  private static final String[] THINGS = "plot cast music film ending dialogue camera story hero pace".split(" ");
  private static final String[] GOOD = "good clever moving funny brilliant charming fresh superb".split(" ");
  private static final String[] BAD = "bad dull boring silly awful clumsy stale weak".split(" ");
  private static final String[] NEITHER = "long short loud quiet French modern famous young".split(" ");
  private static final String[] HOW = {"", "very", "really", "quite", "so"};
  private static final String[] LINKS = "and but while though".split(" ");
  private static final int LENGTH = 12; // of the longest sentence; shorter ones end in padding

  /** All words; the first is padding. */
  static final List<String> WORDS = Stream.of(new String[] {"", "the", "was", "not"}, THINGS, GOOD, BAD, NEITHER, LINKS,
      HOW).flatMap(Arrays::stream).distinct().toList();

  private final List<List<String>> sentences;
  private final List<Boolean> good;

  /** This many sentences, half of them good within chance. */
  Reviews(int n, long seed) {
    var random = new Random(seed);
    Map<List<String>, Boolean> all = new LinkedHashMap<>();
    while (all.size() < n) {
      boolean likes = random.nextBoolean();
      boolean denied = random.nextBoolean();
      List<String> opinion = clause(random, likes ? GOOD : BAD, denied);
      List<String> fact = clause(random, NEITHER, !denied);
      boolean first = random.nextBoolean();
      var sentence = new ArrayList<>(first ? opinion : fact);
      sentence.add(one(random, LINKS));
      sentence.addAll(first ? fact : opinion);
      sentence.removeIf(String::isEmpty);
      all.put(sentence, likes != denied);
    }
    sentences = List.copyOf(all.keySet());
    good = List.copyOf(all.values());
  }

  private static List<String> clause(Random random, String[] adjectives, boolean denied) {
    return List.of("the", one(random, THINGS), "was", denied ? "not" : "", one(random, HOW), one(random, adjectives));
  }

  private static String one(Random random, String[] words) {
    return words[random.nextInt(words.length)];
  }

  int size() {
    return sentences.size();
  }

  boolean isGood(int i) {
    return good.get(i);
  }

  String text(int i) {
    return String.join(" ", sentences.get(i));
  }

  /** Some words of a sentence. */
  String text(int i, int from, int count) {
    List<String> words = sentences.get(i);
    return String.join(" ", words.subList(Math.min(from, words.size()), Math.min(from + count, words.size())));
  }

  /** The numbers of the words of the sentences from one index to another: (to - from, 12). */
  Tensor numbers(int from, int to) {
    long[] x = new long[(to - from) * LENGTH];
    for (int i = from; i < to; i++) {
      List<String> words = sentences.get(i);
      for (int k = 0; k < words.size(); k++) x[(i - from) * LENGTH + k] = WORDS.indexOf(words.get(k));
    }
    return Tensor.of(x, to - from, LENGTH);
  }

  /** The same with labels: 1 is good. */
  TensorDataset dataset(int from, int to) {
    long[] y = good.subList(from, to).stream().mapToLong(g -> g ? 1 : 0).toArray();
    return new TensorDataset(numbers(from, to), Tensor.of(y));
  }
}
