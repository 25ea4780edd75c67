package io.github.einkorn.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** A gzip stream that knows where its compressed data ended, so that garbage after it is not overlooked. */
final class Unzip extends GZIPInputStream {
  /** Deflate cannot compress better than this. */
  static final long MAX_RATIO = 1032;

  private long read; // bytes of the source in the inflater's buffer or behind it

  Unzip(InputStream in) throws IOException {
    super(new Counted(in));
    read = ((Counted) this.in).count;
  }

  @Override
  protected void fill() throws IOException {
    super.fill();
    read = ((Counted) in).count;
  }

  /** Offset in the source of the end of the compressed data; meaningful once this stream is at its end. */
  long end() {
    return read - inf.getRemaining() + 8; // the trailer
  }

  private static final class Counted extends FilterInputStream {
    long count;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      if (b >= 0) count++;
      return b;
    }

    @Override
    public int read(byte[] b, int from, int length) throws IOException {
      int n = super.read(b, from, length);
      if (n > 0) count += n;
      return n;
    }
  }
}
