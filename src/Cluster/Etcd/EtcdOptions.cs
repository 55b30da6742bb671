namespace Instancer.Cluster.Etcd;

/// <summary>Where etcd is, and who this node is to it.</summary>
public sealed record EtcdOptions
{
    /// <summary>The members' client URLs, such as <c>http://10.0.0.9:2379</c>; at least one. With one that is not all there are, that member's end is the cluster's for this node.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    /// <summary>The user to authenticate as; null, the default, for an etcd without authentication.</summary>
    public string? User { get; init; }

    /// <summary>The user's password. Null by default; needed with <see cref="User"/>.</summary>
    public string? Password { get; init; }

    /// <summary>A PEM file with the authorities that vouch for the members' certificates. Null, the default, means those that the system trusts.</summary>
    public string? CaFile { get; init; }

    /// <summary>A PEM file with this node's own certificate, where etcd asks for one; null, the default, for none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>A PEM file with the key of <see cref="CertificateFile"/>, not encrypted; null, the default, if that file has the key too.</summary>
    public string? KeyFile { get; init; }

    /// <summary>
    /// How long a call may take, all members that are tried together; 2 seconds by default. Keeping a lease alive takes two, at worst four. Too short, and a busy etcd, or the second in which it elects a leader, looks
    /// like one that is away; too long, and a node notices late that it cannot renew its lease.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);
}
