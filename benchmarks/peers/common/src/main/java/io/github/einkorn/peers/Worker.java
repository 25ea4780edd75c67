package io.github.einkorn.peers;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;

/**
 * One library in a process of its own, driven line by line: it warms up, prints {@code ready}, and then answers every
 * {@code go} with the milliseconds one round of steps took, divided by the steps.
 */
public interface Worker {
  /** One training step on a prepared batch. */
  void step();

  /** Serves the protocol on standard input and output until the input ends. */
  static void serve(Worker worker, int warmUp, int steps) throws Exception {
    PrintStream out = System.out;
    for (int i = 0; i < warmUp; i++) worker.step();
    out.println("ready");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    while (in.readLine() != null) {
      long start = System.nanoTime();
      for (int i = 0; i < steps; i++) worker.step();
      out.println((System.nanoTime() - start) / 1e6 / steps);
    }
  }
}
