package io.github.einkorn.data.transforms;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What ImageIO does not tell of a JPEG file.
 *
 * @param components colours in the frame: 4 are inks
 * @param ycck whether Adobe's marker says that the inks are luma and chroma
 * @param orientation EXIF's, 1 (upright) to 8
 */
record Jpeg(int components, boolean ycck, int orientation) {
  private static final int SOS = 0xda;
  private static final int APP1 = 0xe1;
  private static final int APP14 = 0xee;
  private static final int ORIENTATION = 0x0112;

  /** Reads the segments before the first scan; what is damaged is left to the decoder to complain about. */
  static Jpeg of(byte[] file) {
    int components = 0;
    boolean ycck = false;
    int orientation = 1;
    int at = 2;
    while (at + 4 <= file.length && (file[at] & 255) == 0xff) {
      int marker = file[at + 1] & 255;
      if (marker == 0xff) { // fill byte
        at++;
        continue;
      }
      int length = (file[at + 2] & 255) << 8 | file[at + 3] & 255;
      if (marker == SOS || length < 2 || length > file.length - at - 2) break;
      ByteBuffer segment = ByteBuffer.wrap(file, at + 4, length - 2).slice();
      if (isFrame(marker) && segment.limit() >= 6) components = segment.get(5);
      if (marker == APP14 && segment.limit() >= 12 && begins(segment, "Adobe")) ycck = segment.get(11) == 2;
      if (marker == APP1 && begins(segment, "Exif\0\0")) orientation = orientation(segment.position(6).slice());
      at += 2 + length;
    }
    return new Jpeg(components, ycck, orientation);
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private static boolean begins(ByteBuffer segment, String with) {
    byte[] bytes = with.getBytes(StandardCharsets.ISO_8859_1);
    return segment.limit() >= bytes.length && segment.slice(0, bytes.length).equals(ByteBuffer.wrap(bytes));
  }

  /** The orientation in the first directory of a TIFF structure; 1 if there is none. */
  private static int orientation(ByteBuffer tiff) {
    if (tiff.limit() < 8) return 1;
    tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long directory = tiff.getInt(4) & 0xffffffffL;
    if (directory + 2 > tiff.limit()) return 1;
    int entries = tiff.getShort((int) directory) & 0xffff;
    for (int i = 0; i < entries; i++) {
      long entry = directory + 2 + 12L * i;
      if (entry + 12 > tiff.limit()) return 1;
      if ((tiff.getShort((int) entry) & 0xffff) == ORIENTATION) {
        int value = tiff.getShort((int) entry + 8);
        return value >= 1 && value <= 8 ? value : 1;
      }
    }
    return 1;
  }
}
