package io.github.einkorn.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Files in tar archives (POSIX.1-1988): blocks of 512 bytes, a header before each file. */
final class Tar {
  private Tar() {}

  /** Takes one file of an archive. */
  interface Visitor {
    void visit(String name, long size, InputStream content) throws IOException;
  }

  /** Shows every file; what is left unread is skipped. */
  static void each(InputStream tar, Visitor visitor) throws IOException {
    byte[] header;
    while ((header = tar.readNBytes(512)).length == 512 && header[0] != 0) {
      String name = field(header, 0, 100);
      long size = octal(field(header, 124, 12).trim());
      var content = new Bounded(tar, size);
      visitor.visit(name, size, content);
      content.skipNBytes(content.left);
      tar.skipNBytes(-size & 511);
    }
  }

  /** Hands over the wanted files of a folder of the archive. */
  static void extract(InputStream tar, String folder, List<Cache.Entry> wanted, Cache.Sink sink) throws IOException {
    each(tar, (name, size, content) -> {
      for (Cache.Entry e : wanted) if (name.equals(folder + e.name())) sink.accept(e, content);
    });
  }

  private static long octal(String digits) throws IOException {
    if (!digits.matches("[0-7]{1,11}")) throw new IOException("corrupt tar header: size " + digits);
    return Long.parseLong(digits, 8);
  }

  private static String field(byte[] header, int from, int length) {
    String s = new String(header, from, length, StandardCharsets.ISO_8859_1);
    int end = s.indexOf('\0');
    return end < 0 ? s : s.substring(0, end);
  }

  /** The next bytes of a stream. */
  private static final class Bounded extends FilterInputStream {
    long left;

    Bounded(InputStream in, long bytes) {
      super(in);
      left = bytes;
    }

    @Override
    public int read() throws IOException {
      int b = left > 0 ? in.read() : -1;
      if (b >= 0) left--;
      return b;
    }

    @Override
    public int read(byte[] b, int from, int length) throws IOException {
      if (left == 0) return -1;
      int n = in.read(b, from, (int) Math.min(length, left));
      if (n > 0) left -= n;
      return n;
    }
  }
}
