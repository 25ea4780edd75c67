package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class DrawingTest {
  private record Box(double x, double y, double width, double height) {
    boolean touches(Box b) {
      return x < b.x + b.width && b.x < x + width && y < b.y + b.height && b.y < y + height;
    }

    boolean holds(double px, double py) {
      return px > x && px < x + width && py > y && py < y + height;
    }
  }

  private static Model model() {
    var left = Input.of(1, 8, 8).named("left <&>");
    var right = Input.of(1, 8, 8).named("right");
    var tower = new Sequential(new Conv2d(1, 2, 3), new Flatten());
    var h = Node.cat(1, left.then("tower", tower), right.then(tower));
    for (int i = 0; i < 3; i++) h = h.add(h.then(new Linear(144, 144)).relu());
    return Model.of(List.of(left, right), List.of(h.then("digit", new Linear(144, 10)), left.mul(right).flatten()));
  }

  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance().newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<Element> all(Document d, String name) {
    NodeList nodes = d.getElementsByTagName(name);
    var all = new ArrayList<Element>();
    for (int i = 0; i < nodes.getLength(); i++) all.add((Element) nodes.item(i));
    return all;
  }

  private static double number(Element e, String name) {
    return Double.parseDouble(e.getAttribute(name));
  }

  private static List<Box> boxes(Document d) {
    return all(d, "rect").stream().filter(e -> e.hasAttribute("x"))
        .map(e -> new Box(number(e, "x"), number(e, "y"), number(e, "width"), number(e, "height"))).toList();
  }

  @Test
  void everyCallIsABoxInsideThePictureThatCoversNoOther() throws Exception {
    Document d = parse(model().toSvg());
    Element root = d.getDocumentElement();
    List<Box> boxes = boxes(d);
    assertThat(boxes).hasSize(2 + 2 + 1 + 3 * 3 + 1 + 2);
    for (Box b : boxes) {
      assertThat(b.x).isNotNegative();
      assertThat(b.x + b.width).isLessThanOrEqualTo(number(root, "width"));
      assertThat(b.y + b.height).isLessThanOrEqualTo(number(root, "height"));
      assertThat(boxes).filteredOn(b::touches).containsExactly(b);
    }
    assertThat(all(d, "text")).extracting(Element::getTextContent).contains("left <&>", "(N, 1, 8, 8)", "tower",
        "tower#2", "Linear(in_features=144, out_features=10, bi…", "Sequential", "Add", "add_2", "(N, 10)");
  }

  @Test
  void everyArrowLeadsDownFromBoxToBoxPastTheOthers() throws Exception {
    Document d = parse(model().toSvg());
    List<Box> boxes = boxes(d);
    List<Element> arrows = all(d, "path").stream().filter(e -> e.hasAttribute("marker-end")).toList();
    assertThat(arrows).hasSize(2 + 2 + 3 * 4 + 1 + 3);
    for (Element e : arrows) {
      double[] p = java.util.Arrays.stream(e.getAttribute("d").split("[MCV ]+")).filter(s -> !s.isEmpty())
          .mapToDouble(Double::parseDouble).toArray();
      assertThat(boxes).as("from").anyMatch(b -> b.holds(p[0], p[1] - 1));
      assertThat(boxes).as("to").anyMatch(b -> b.holds(p[p.length - 2], p[p.length - 1] + 1));
      assertThat(p[1]).isLessThan(p[p.length - 1]);
      for (int i = 0; i + 7 < p.length; i += 7) { // x y, a curve's six numbers, V y
        double x = p[i + 6], y = p[i + 7], endX = p[p.length - 2], endY = p[p.length - 1];
        assertThat(boxes).as("past").noneMatch(b -> b.holds(x, y + 1) && !b.holds(endX, endY + 1));
      }
    }
  }
}
