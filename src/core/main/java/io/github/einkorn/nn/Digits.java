package io.github.einkorn.nn;

import io.github.einkorn.Tensor;
import java.util.Arrays;

/**
 * Stylized digits, for codes that look like what they stand for, so that what is confused easily has codes that are
 * near (LeCun et al. 1998, II.B).
 */
final class Digits {
  static final int WIDTH = 7, HEIGHT = 12;
  private static final int DRAWN = 10; // rows; those below are empty

  private static final String PICTURES = """
      ..###.. ...##.. .#####. ####### .....##
      .##.##. ..###.. ##...## .....## ....###
      ##...## .####.. ##...## ....##. ...####
      ##...## ...##.. .....## ...##.. ..##.##
      ##...## ...##.. ....##. ..####. .##..##
      ##...## ...##.. ...##.. .....## ##...##
      ##...## ...##.. ..##... .....## #######
      ##...## ...##.. .##.... .....## .....##
      .##.##. ...##.. ##..... ##...## .....##
      ..###.. .###### ####### .#####. .....##

      ####### ..####. ####### .#####. .#####.
      ##..... .##.... .....## ##...## ##...##
      ##..... ##..... .....## ##...## ##...##
      ##..... ##..... ....##. ##...## ##...##
      ######. ######. ...##.. .#####. ##...##
      .....## ##...## ...##.. ##...## .######
      .....## ##...## ..##... ##...## .....##
      .....## ##...## ..##... ##...## .....##
      ##...## ##...## ..##... ##...## ....##.
      .#####. .#####. ..##... .#####. .####..
      """;

  private Digits() {}

  /** 10 pictures as rows of 84 numbers: 1 is ink, -1 paper. */
  static Tensor pictures() {
    String[] lines = PICTURES.strip().split("\\n+");
    float[] all = new float[10 * HEIGHT * WIDTH];
    Arrays.fill(all, -1);
    for (int digit = 0; digit < 10; digit++) {
      for (int k = 0; k < DRAWN * WIDTH; k++) {
        String line = lines[digit / 5 * DRAWN + k / WIDTH];
        if (line.charAt(digit % 5 * (WIDTH + 1) + k % WIDTH) == '#') all[digit * HEIGHT * WIDTH + k] = 1;
      }
    }
    return Tensor.of(all, 10, HEIGHT * WIDTH);
  }
}
