package dev.quern;

import jdk.incubator.vector.FloatVector;

public class Main {
  public static void main(String... args) {
    System.out.println(FloatVector.SPECIES_PREFERRED);
  }
}
