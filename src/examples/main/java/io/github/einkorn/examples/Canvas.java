package io.github.einkorn.examples;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;

/** A white sheet that becomes a PNG or an SVG, by the ending of the file's name; no screen is needed. */
final class Canvas {
  static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 18);
  static final Font LABEL = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
  static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

  static {
    if (System.getProperty("java.awt.headless") == null) System.setProperty("java.awt.headless", "true");
  }

  private Canvas() {}

  /**
   * Draws and writes a picture of this size in pixels; the folder is made if it is not there.
   *
   * @return the file
   * @throws IllegalArgumentException unless the name ends with .png or .svg
   */
  static Path write(Path file, int width, int height, Consumer<Graphics2D> drawing) throws IOException {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    boolean svg = name.endsWith(".svg");
    if (!svg && !name.endsWith(".png")) {
      throw new IllegalArgumentException("a picture's name must end with .png or .svg, got " + file);
    }
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    if (svg) {
      svg(file, width, height, drawing);
    } else {
      var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      Graphics2D g = image.createGraphics();
      draw(g, width, height, drawing);
      g.dispose();
      ImageIO.write(image, "png", file.toFile());
    }
    return file;
  }

  private static void svg(Path file, int width, int height, Consumer<Graphics2D> drawing) throws IOException {
    SVGGraphics2D g;
    try {
      g = new SVGGraphics2D(DocumentBuilderFactory.newInstance().newDocumentBuilder().getDOMImplementation()
          .createDocument("http://www.w3.org/2000/svg", "svg", null));
    } catch (ParserConfigurationException e) {
      throw new IOException(e);
    }
    g.setSVGCanvasSize(new java.awt.Dimension(width, height));
    draw(g, width, height, drawing);
    try (var out = Files.newBufferedWriter(file)) {
      g.stream(out, true);
    }
  }

  private static void draw(Graphics2D g, int width, int height, Consumer<Graphics2D> drawing) {
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, width, height);
    g.setColor(Color.BLACK);
    drawing.accept(g);
  }

  /** Text whose middle is at x, standing on the line y. */
  static void centre(Graphics2D g, Font font, String text, double x, double y) {
    g.setFont(font);
    g.drawString(text, (float) (x - g.getFontMetrics().getStringBounds(text, g).getWidth() / 2), (float) y);
  }
}
