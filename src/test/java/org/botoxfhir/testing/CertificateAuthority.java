package org.botoxfhir.testing;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A certificate authority of a test's own: what it issues is real, and nobody else trusts it. */
public final class CertificateAuthority {
  private static final char[] NO_SECRET = "made up".toCharArray();

  private final Issued own;

  /** @param name common name */
  public CertificateAuthority(String name) {
    own = issue(newKeys(), name, null, new GeneralName[0]);
  }

  /** A key with its certificate. */
  public record Issued(PrivateKey key, X509Certificate certificate) {
    /** Writes the certificate as PEM. @return the file */
    public Path writeCertificate(Path file) throws IOException {
      return Files.writeString(file, pem("CERTIFICATE", encoded()));
    }

    /** Writes the key as PEM, readable for its owner only, as PostgreSQL wants it. @return the file */
    public Path writeKey(Path file) throws IOException {
      return ownersOnly(Files.writeString(file, pem("PRIVATE KEY", key.getEncoded())));
    }

    /** Writes the key as the driver of PostgreSQL reads it. @return the file */
    public Path writeBinaryKey(Path file) throws IOException {
      return ownersOnly(Files.write(file, key.getEncoded()));
    }

    /** Writes both, as Kafka reads them. @return the file */
    public Path writeKeyAndCertificate(Path file) throws IOException {
      return ownersOnly(Files.writeString(
          file, pem("PRIVATE KEY", key.getEncoded()) + pem("CERTIFICATE", encoded())));
    }

    private byte[] encoded() {
      try {
        return certificate.getEncoded();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    private static Path ownersOnly(Path file) throws IOException {
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static String pem(String what, byte[] bytes) {
      return "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n"
          .formatted(what, Base64.getMimeEncoder().encodeToString(bytes));
    }
  }

  /** Writes the certificate that everything is issued by, as PEM. @return the file */
  public Path writeTo(Path file) throws IOException {
    return own.writeCertificate(file);
  }

  /** For a server. @param names {@code 127.0.0.1}, or names of hosts */
  public Issued issueForHost(String... names) {
    return issue(
        newKeys(),
        names[0],
        own,
        Arrays.stream(names)
            .map(name -> new GeneralName(
                Character.isDigit(name.charAt(0)) ? GeneralName.iPAddress : GeneralName.dNSName,
                name))
            .toArray(GeneralName[]::new));
  }

  /** For a client. @param name common name */
  public Issued issueForClient(String name) {
    return issue(newKeys(), name, own, new GeneralName[0]);
  }

  /** For clients that trust this authority. @param client what they show; null for nothing */
  public SSLContext clients(@Nullable Issued client) {
    try {
      KeyStore trusted = emptyStore();
      trusted.setCertificateEntry("authority", own.certificate());
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      KeyStore shown = emptyStore();
      if (client != null) {
        shown.setKeyEntry(
            "client", client.key(), NO_SECRET, new X509Certificate[] {client.certificate()});
      }
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(shown, NO_SECRET);
      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyStore emptyStore() {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair newKeys() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }

  private static Issued issue(
      KeyPair keys, String name, @Nullable Issued issuer, GeneralName[] names) {
    try {
      var subject = new X500Principal("CN=" + name);
      var builder = new JcaX509v3CertificateBuilder(
          issuer == null ? subject : issuer.certificate().getSubjectX500Principal(),
          new BigInteger(64, new SecureRandom()).add(BigInteger.ONE),
          Date.from(Instant.now().minus(Duration.ofHours(1))),
          Date.from(Instant.now().plus(Duration.ofDays(1))),
          subject,
          keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(issuer == null));
      if (names.length > 0) {
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
      }
      var signer = new JcaContentSignerBuilder("SHA256withECDSA")
          .build(issuer == null ? keys.getPrivate() : issuer.key());
      return new Issued(
          keys.getPrivate(),
          new JcaX509CertificateConverter().getCertificate(builder.build(signer)));
    } catch (OperatorCreationException | IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
