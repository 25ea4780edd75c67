package io.github.einkorn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainOnFolderTest {
  /** Stripes that lie or stand, of random colours, widths and image sizes: no colour tells the class. */
  @Test
  void itLearnsLyingFromStandingStripes(@TempDir Path root) throws IOException {
    var random = new SplittableRandom(1);
    for (String kind : new String[] {"lying", "standing"}) {
      Path folder = Files.createDirectories(root.resolve(kind));
      for (int i = 0; i < 100; i++) {
        int width = random.nextInt(40, 60);
        int height = random.nextInt(40, 60);
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setColor(new Color(random.nextInt(1 << 23)));
        g.fillRect(0, 0, width, height);
        g.setColor(new Color(0x808080 | random.nextInt(1 << 24)));
        int step = random.nextInt(6, 12);
        for (int at = random.nextInt(step); at < 60; at += step) {
          if (kind.equals("lying")) g.fillRect(0, at, width, step / 2);
          else g.fillRect(at, 0, step / 2, height);
        }
        g.dispose();
        ImageIO.write(image, i % 2 == 0 ? "png" : "jpg", folder.resolve(i + (i % 2 == 0 ? ".png" : ".jpg")).toFile());
      }
    }
    Files.writeString(root.resolve("lying/broken.jpg"), "no image");
    assertThat(TrainOnFolder.run(root, 4, 28)).isGreaterThanOrEqualTo(0.9);
  }
}
