package io.github.einkorn.examples;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.List;
import java.util.Map;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnitSource;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.StandardXYBarPainter;
import org.jfree.chart.renderer.xy.XYBarRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.statistics.HistogramDataset;
import org.jfree.data.statistics.HistogramType;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Plots of one look: white, light grid, colours that the colour-blind tell apart (Okabe and Ito 2008). */
final class Charts {
  private static final Color[] COLORS = {new Color(0x0072B2), new Color(0xD55E00), new Color(0x009E73),
      new Color(0xCC79A7), new Color(0xE69F00), new Color(0x56B4E9), Color.BLACK, new Color(0x999900)};
  private static final int MARKED = 40; // longer lines have no marks

  private Charts() {}

  static Color color(int i) {
    return COLORS[i % COLORS.length];
  }

  static NumberAxis axis(String label) {
    var axis = new NumberAxis(label);
    axis.setAutoRangeIncludesZero(false);
    style(axis);
    return axis;
  }

  private static void style(ValueAxis axis) {
    axis.setLabelFont(Canvas.LABEL);
    axis.setTickLabelFont(Canvas.SMALL);
  }

  static XYPlot style(XYPlot plot) {
    plot.setBackgroundPaint(Color.WHITE);
    plot.setDomainGridlinePaint(Color.LIGHT_GRAY);
    plot.setRangeGridlinePaint(Color.LIGHT_GRAY);
    plot.setAxisOffset(RectangleInsets.ZERO_INSETS);
    return plot;
  }

  static JFreeChart chart(String title, XYPlot plot, boolean legend) {
    var chart = new JFreeChart(title, Canvas.TITLE, plot, legend);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(8, 8, 8, 16));
    if (legend) {
      chart.getLegend().setItemFont(Canvas.LABEL);
      chart.getLegend().setFrame(BlockBorder.NONE);
    }
    return chart;
  }

  /** Values over 1, 2, 3, …; the first lines keep their colours in every panel. */
  static XYPlot lines(String xLabel, String yLabel, Map<String, ? extends List<Double>> series) {
    var data = new XYSeriesCollection();
    double min = Double.POSITIVE_INFINITY;
    double max = 0;
    int most = 0;
    for (var e : series.entrySet()) {
      var line = new XYSeries(e.getKey());
      for (int i = 0; i < e.getValue().size(); i++) {
        double v = e.getValue().get(i);
        line.add(i + 1, Double.isFinite(v) ? v : Double.NaN);
        min = Math.min(min, v);
        max = Math.max(max, v);
      }
      most = Math.max(most, line.getItemCount());
      data.addSeries(line);
    }
    NumberAxis x = axis(xLabel);
    x.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
    ValueAxis y = min > 0 && max / min > 1000 ? logarithmic(yLabel) : axis(yLabel);
    return style(new XYPlot(data, x, y, renderer(data.getSeriesCount(), most <= MARKED)));
  }

  private static ValueAxis logarithmic(String label) {
    var axis = new LogAxis(label);
    axis.setStandardTickUnits(new NumberTickUnitSource(true));
    axis.setNumberFormatOverride(new java.text.DecimalFormat("0.#E0", java.text.DecimalFormatSymbols.getInstance(
        java.util.Locale.ROOT)));
    style(axis);
    return axis;
  }

  static XYLineAndShapeRenderer renderer(int series, boolean marks) {
    var renderer = new XYLineAndShapeRenderer(true, marks);
    var dot = new java.awt.geom.Ellipse2D.Double(-3, -3, 6, 6);
    for (int i = 0; i < series; i++) {
      renderer.setSeriesPaint(i, color(i));
      renderer.setSeriesStroke(i, new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
      renderer.setSeriesShape(i, dot);
    }
    return renderer;
  }

  /** The share of the values in each of {@code bins} equal intervals of [low, high]. */
  static XYPlot histogram(String xLabel, String yLabel, float[] values, double low, double high, int bins) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) doubles[i] = values[i];
    var data = new HistogramDataset();
    data.setType(HistogramType.RELATIVE_FREQUENCY);
    data.addSeries("values", doubles, bins, low, high);
    var renderer = new XYBarRenderer();
    renderer.setBarPainter(new StandardXYBarPainter());
    renderer.setShadowVisible(false);
    renderer.setSeriesPaint(0, color(0));
    NumberAxis x = axis(xLabel);
    x.setRange(low, high);
    NumberAxis y = axis(yLabel);
    y.setAutoRangeIncludesZero(true);
    return style(new XYPlot(data, x, y, renderer));
  }
}
