package org.botoxfhir.triage;

/** The check digit of SNOMED CT identifiers: arithmetic in the dihedral group of order ten. */
final class VerhoeffDigit {
  /** Where each digit goes with each step to the left; eight steps lead back to the start. */
  private static final int[] STEP = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};

  private VerhoeffDigit() {}

  /** Whether {@code digits} is 6 to 18 digits, the last of which checks the others. */
  static boolean isValid(String digits) {
    if (digits.length() < 6
        || digits.length() > 18
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return false;
    }
    int check = 0;
    for (int position = 0; position < digits.length(); position++) {
      int digit = digits.charAt(digits.length() - 1 - position) - '0';
      for (int step = 0; step < position % 8; step++) {
        digit = STEP[digit];
      }
      check = product(check, digit);
    }
    return check == 0;
  }

  /** Digits 0 to 4 are rotations of a pentagon, 5 to 9 its reflections. */
  private static int product(int left, int right) {
    int rotation = left < 5 ? left + right % 5 : left % 5 - right % 5;
    boolean reflected = (left < 5) != (right < 5);
    return Math.floorMod(rotation, 5) + (reflected ? 5 : 0);
  }
}
