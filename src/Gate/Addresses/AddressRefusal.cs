namespace Instancer.Gate.Addresses;

/// <summary>Why an address may not connect now.</summary>
internal enum AddressRefusal
{
    /// <summary>It is on the list of those who may not.</summary>
    Denied,

    /// <summary>There is a list of those who may, and it is not on it.</summary>
    NotAllowed,

    /// <summary>Its block is banned.</summary>
    Banned,

    /// <summary>It connects too often.</summary>
    AddressRate,

    /// <summary>Its block does.</summary>
    BlockRate,

    /// <summary>It has too many connections open.</summary>
    AddressAtOnce,

    /// <summary>Its block has.</summary>
    BlockAtOnce,
}
