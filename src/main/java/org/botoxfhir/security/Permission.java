package org.botoxfhir.security;

import java.util.EnumSet;
import java.util.Set;

/** What a scope of SMART App Launch 2 allows of a type, each by its letter, in the order in which a scope names them. */
public enum Permission {
  CREATE('c', "creating"),
  /** Read, version read, and the history of one resource. */
  READ('r', "reading"),
  /** Update and patch. */
  UPDATE('u', "changing"),
  DELETE('d', "deleting"),
  /** Search, and the history of a type or of all. */
  SEARCH('s', "searching for");

  private final char letter;
  private final String doing;

  Permission(char letter, String doing) {
    this.letter = letter;
    this.doing = doing;
  }

  char letter() {
    return letter;
  }

  String doing() {
    return doing;
  }

  /** What {@code read}, {@code write}, {@code *} of version 1, or letters of version 2, stand for; empty when they are neither. */
  static Set<Permission> of(String text) {
    return switch (text) {
      case "read" -> EnumSet.of(READ, SEARCH);
      case "write" -> EnumSet.of(CREATE, UPDATE, DELETE);
      case "*" -> EnumSet.allOf(Permission.class);
      default -> letters(text);
    };
  }

  private static Set<Permission> letters(String text) {
    Set<Permission> permissions = EnumSet.noneOf(Permission.class);
    int at = 0;
    for (Permission permission : values()) {
      if (at < text.length() && text.charAt(at) == permission.letter) {
        permissions.add(permission);
        at++;
      }
    }
    return at == text.length() ? permissions : EnumSet.noneOf(Permission.class);
  }
}
