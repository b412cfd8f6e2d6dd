package dev.quern.checkpoint;

import java.util.Comparator;

/** File names with numbers in them as a person sorts them: shard 2 before shard 10. */
final class NaturalOrder implements Comparator<String> {
  @Override
  public int compare(String a, String b) {
    int i = 0;
    int j = 0;
    while (i < a.length() && j < b.length()) {
      if (digit(a, i) && digit(b, j)) {
        int iEnd = numberEnd(a, i);
        int jEnd = numberEnd(b, j);
        while (i < iEnd - 1 && a.charAt(i) == '0') i++;
        while (j < jEnd - 1 && b.charAt(j) == '0') j++;
        int order =
            iEnd - i != jEnd - j
                ? Integer.compare(iEnd - i, jEnd - j)
                : a.substring(i, iEnd).compareTo(b.substring(j, jEnd));
        if (order != 0) return order;
        i = iEnd;
        j = jEnd;
      } else {
        int order = Character.compare(a.charAt(i++), b.charAt(j++));
        if (order != 0) return order;
      }
    }
    int order = Integer.compare(a.length() - i, b.length() - j);
    return order != 0 ? order : a.compareTo(b);
  }

  private static boolean digit(String text, int at) {
    return text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }

  private static int numberEnd(String text, int from) {
    int end = from;
    while (end < text.length() && digit(text, end)) end++;
    return end;
  }
}
