package io.github.einkorn.examples;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** A folder of drawn patterns, where there are no photographs. Colours and sizes are random: they tell no class. */
final class DrawnImages {
  /** The classes. */
  enum Kind { LYING, STANDING, CHECKS, DOTS }

  private DrawnImages() {}

  /**
   * Writes as many images of each kind into folders of their names, PNG and JPEG in turn, from {@code least} to half
   * as many pixels more in each direction; the same seed draws the same. Returns the root.
   */
  static Path write(Path root, int each, int least, long seed, Kind... kinds) throws IOException {
    var random = new SplittableRandom(seed);
    for (Kind kind : kinds) {
      Path folder = Files.createDirectories(root.resolve(kind.name().toLowerCase(Locale.ROOT)));
      for (int i = 0; i < each; i++) {
        String format = i % 2 == 0 ? "png" : "jpg";
        ImageIO.write(draw(kind, least, random), format, folder.resolve(i + "." + format).toFile());
      }
    }
    return root;
  }

  private static BufferedImage draw(Kind kind, int least, SplittableRandom random) {
    int width = random.nextInt(least, least * 3 / 2);
    int height = random.nextInt(least, least * 3 / 2);
    int dark = random.nextInt(1 << 24) & 0x7F7F7F;
    int light = random.nextInt(1 << 24) | 0x808080;
    boolean inverted = random.nextBoolean();
    var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setColor(new Color(inverted ? light : dark));
    g.fillRect(0, 0, width, height);
    g.setColor(new Color(inverted ? dark : light));
    int period = random.nextInt(least * 3 / 20, least * 3 / 10);
    int half = period / 2;
    int left = random.nextInt(period) - period;
    int top = random.nextInt(period) - period;
    for (int y = top; y < height; y += period) {
      if (kind == Kind.LYING) g.fillRect(0, y, width, half);
      for (int x = left; x < width; x += period) {
        switch (kind) {
          case STANDING -> g.fillRect(x, y, half, period);
          case CHECKS -> {
            g.fillRect(x, y, half, half);
            g.fillRect(x + half, y + half, period - half, period - half);
          }
          case DOTS -> g.fillOval(x, y, half, half);
          default -> { }
        }
      }
    }
    g.dispose();
    return image;
  }
}
