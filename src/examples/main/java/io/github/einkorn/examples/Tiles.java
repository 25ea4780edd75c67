package io.github.einkorn.examples;

import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Small images in rows, each from black, its least value, to white, its greatest; sections with captions. */
final class Tiles {
  static final int MARGIN = 20;
  static final int TITLE = 50;
  static final int GAP = 4;
  static final int CAPTION = 26;
  private static final int WIDTH = 900;
  private static final int MOST = 64;

  /** Tiles of {@code scale} screen pixels for each of theirs, {@code columns} in a row, from line y on. */
  record Section(String caption, List<BufferedImage> images, int columns, int scale, int y) {
    int height() {
      int rows = (images.size() + columns - 1) / columns;
      return CAPTION + rows * (images.get(0).getHeight() * scale + GAP);
    }
  }

  private Tiles() {}

  static Path write(Path file, String title, Map<String, Tensor> sections) throws IOException {
    if (sections.isEmpty()) throw new IllegalArgumentException("there are no tiles to draw");
    var all = new ArrayList<Section>();
    int y = TITLE;
    for (var e : sections.entrySet()) {
      Section s = section(e.getKey(), e.getValue(), y);
      all.add(s);
      y += s.height() + MARGIN;
    }
    return Canvas.write(file, WIDTH, y, g -> {
      Canvas.centre(g, Canvas.TITLE, title, WIDTH / 2.0, 32);
      for (Section s : all) draw(g, s);
    });
  }

  private static Section section(String caption, Tensor x, int y) {
    List<BufferedImage> images = images(x);
    int w = images.get(0).getWidth();
    int n = images.size();
    // as near to square tiles of 80 pixels as whole multiples go; fewer in a row than fit only if rows come out even
    int scale = Math.max(1, 80 / w);
    int fit = Math.max(1, (WIDTH - 2 * MARGIN + GAP) / (w * scale + GAP));
    int rows = (n + fit - 1) / fit;
    String shown = n < x.dim(0) ? caption + ", the first " + n + " of " + x.dim(0) : caption;
    return new Section(shown, images, (n + rows - 1) / rows, scale, y);
  }

  private static void draw(Graphics2D g, Section s) {
    g.setFont(Canvas.LABEL);
    g.setColor(Color.BLACK);
    g.drawString(s.caption, MARGIN, s.y + CAPTION - 10);
    for (int i = 0; i < s.images.size(); i++) {
      BufferedImage tile = s.images.get(i);
      int x = MARGIN + i % s.columns * (tile.getWidth() * s.scale + GAP);
      int y = s.y + CAPTION + i / s.columns * (tile.getHeight() * s.scale + GAP);
      g.drawImage(enlarged(tile, s.scale), AffineTransform.getTranslateInstance(x, y), null);
    }
  }

  private static BufferedImage enlarged(BufferedImage tile, int scale) {
    var large = new BufferedImage(tile.getWidth() * scale, tile.getHeight() * scale, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < large.getHeight(); y++) {
      for (int x = 0; x < large.getWidth(); x++) large.setRGB(x, y, tile.getRGB(x / scale, y / scale));
    }
    return large;
  }

  /** (n, 1, h, w) as grey images, (n, 3, h, w) as coloured ones. */
  private static List<BufferedImage> images(Tensor x) {
    if (x.rank() != 4 || x.dim(1) != 1 && x.dim(1) != 3) {
      throw new ShapeException("tiles: expected (n, 1, h, w) or (n, 3, h, w), got " + x.shape());
    }
    int channels = x.dim(1);
    int h = x.dim(2);
    int w = x.dim(3);
    float[] values = x.toFloats();
    var images = new ArrayList<BufferedImage>();
    for (int i = 0; i < Math.min(MOST, x.dim(0)); i++) {
      int size = h * w;
      int from = i * channels * size;
      float min = Float.POSITIVE_INFINITY;
      float max = Float.NEGATIVE_INFINITY;
      for (int k = from; k < from + channels * size; k++) {
        min = Math.min(min, values[k]);
        max = Math.max(max, values[k]);
      }
      float range = max > min ? max - min : 1;
      var image = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
      for (int p = 0; p < size; p++) {
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          float v = values[from + (channels == 3 ? c : 0) * size + p];
          rgb = rgb << 8 | Math.round(255 * (v - min) / range);
        }
        image.setRGB(p % w, p / w, rgb);
      }
      images.add(image);
    }
    return images;
  }
}
