package io.github.einkorn.data.transforms;

/**
 * Luma, 0.2989 red + 0.587 green + 0.114 blue.
 *
 * @param channels 1, or 3 for three equal ones; default 1
 */
public record Grayscale(int channels) implements FixedTransform {
  /** One channel. */
  public Grayscale() {
    this(1);
  }

  /** Refuses other numbers than 1 and 3. */
  public Grayscale {
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("Grayscale: channels must be 1 or 3, got " + channels);
    }
  }

  @Override
  public Image apply(Image image) {
    float[] grey = Colors.grey("Grayscale", image.toFloats(), image.channels());
    float[] out = new float[Image.size(channels, image.height(), image.width())];
    for (int c = 0; c < channels; c++) System.arraycopy(grey, 0, out, c * grey.length, grey.length);
    return Image.of(out, channels, image.height(), image.width());
  }
}
