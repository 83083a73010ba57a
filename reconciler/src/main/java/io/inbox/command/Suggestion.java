package io.inbox.command;

import java.util.Collection;
import java.util.Comparator;

/** What somebody may have meant who typed a word that is not known. */
public final class Suggestion {
  private Suggestion() {}

  /** Returns a question to append to an error; empty where nothing is near. */
  public static String among(Collection<String> known, String typed) {
    int atMost = Math.max(1, typed.length() / 3);
    return known.stream()
        .filter(word -> distance(word, typed) <= atMost)
        .min(Comparator.comparingInt(word -> distance(word, typed)))
        .map(word -> "; did you mean " + word + "?")
        .orElse("");
  }

  /** Returns how many letters must be put in, taken out or changed (Levenshtein). */
  private static int distance(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[other.length()];
  }
}
