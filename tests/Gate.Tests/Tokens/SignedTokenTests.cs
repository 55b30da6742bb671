using System.Buffers.Text;
using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Gate.Tokens;

namespace Instancer.Gate.Tests.Tokens;

/// <summary>What a signed token grants, and what it does not.</summary>
public sealed class SignedTokenTests
{
    private static readonly SigningKind[] Kinds = [SigningKind.HmacSha256, SigningKind.EcdsaP256];

    public static TheoryData<byte> AllKinds => [.. Kinds.Select(kind => (byte)kind)];

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void It_is_128_printable_bytes_and_accepted_for_its_name_until_its_end(byte kind)
    {
        var key = KeyText.New((SigningKind)kind);
        var token = KeyText.Token(key);
        Assert.Equal(Preamble.TokenLength, token.Length);
        Assert.DoesNotContain(token, b => b is <= (byte)' ' or > (byte)'~');
        var keys = KeyText.Keys(key);
        Assert.Equal(new Client("ann", TokenHash.Of(token)), keys.Find(token, "pwn", KeyText.Now));
        Assert.NotNull(keys.Find(token, "pwn", KeyText.Later.AddSeconds(-1)));
        Assert.Null(keys.Find(token, "pwn", KeyText.Later));
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void It_is_for_its_challenges_only(byte kind)
    {
        var key = KeyText.New((SigningKind)kind);
        var token = KeyText.Token(key, "ann", null, "pwn", "web", "rev");
        var keys = KeyText.Keys(key);
        Assert.All(["pwn", "web", "rev"], challenge => Assert.NotNull(keys.Find(token, challenge, KeyText.Now)));
        Assert.All(["pw", "pwn2", "", "none"], challenge => Assert.Null(keys.Find(token, challenge, KeyText.Now)));
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void No_bit_of_it_can_be_changed(byte kind)
    {
        var key = KeyText.New((SigningKind)kind);
        var keys = KeyText.Keys(key);
        var bytes = Base64Url.DecodeFromUtf8(KeyText.Token(key, "ann", null, "pwn"));
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = (byte[])bytes.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(keys.Find(Base64Url.EncodeToUtf8(changed), "pwn", KeyText.Now));
        }
    }

    [Fact]
    public void The_other_signature_that_is_as_right_makes_no_second_token()
    {
        var order = BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", System.Globalization.NumberStyles.AllowHexSpecifier, null);
        var key = EcdsaKey.New(1);
        var bytes = Base64Url.DecodeFromUtf8(KeyText.Token(key));
        var s = bytes.AsSpan(64);
        var other = (order - new BigInteger(s, isUnsigned: true, isBigEndian: true)).ToByteArray(isUnsigned: true, isBigEndian: true);
        s.Clear();
        other.CopyTo(s[(s.Length - other.Length)..]);
        Assert.Null(KeyText.Keys(key).Find(Base64Url.EncodeToUtf8(bytes), "pwn", KeyText.Now));
    }

    [Fact]
    public void Only_keys_of_the_file_count_and_each_by_its_number()
    {
        HmacKey first = HmacKey.New(1), second = HmacKey.New(2), other = HmacKey.New(1);
        var keys = KeyText.Keys(first, second);
        Assert.NotNull(keys.Find(KeyText.Token(first), "pwn", KeyText.Now));
        Assert.NotNull(keys.Find(KeyText.Token(second), "pwn", KeyText.Now));
        Assert.Null(keys.Find(KeyText.Token(other), "pwn", KeyText.Now));
        Assert.Null(KeyText.Keys(first).Find(KeyText.Token(second), "pwn", KeyText.Now));
        Assert.Null(SigningKeys.None.Find(KeyText.Token(first), "pwn", KeyText.Now));
    }

    [Fact]
    public void A_public_key_checks_and_does_not_sign()
    {
        var key = EcdsaKey.New(7);
        var keys = KeyText.Keys(key.ToLine(isPublic: true));
        Assert.Equal("ann", keys.Find(KeyText.Token(key), "pwn", KeyText.Now)?.Name);
        Assert.Null(keys.Signer);
    }

    [Fact]
    public void A_kind_cannot_pass_for_the_other()
    {
        HmacKey hmac = HmacKey.New(1);
        EcdsaKey ecdsa = EcdsaKey.New(2);
        var keys = KeyText.Keys(hmac, ecdsa);
        Assert.NotNull(keys.Find(KeyText.Token(hmac), "pwn", KeyText.Now));
        Assert.NotNull(keys.Find(KeyText.Token(ecdsa), "pwn", KeyText.Now));
        var bytes = Base64Url.DecodeFromUtf8(KeyText.Token(hmac));
        (bytes[0], bytes[2]) = ((byte)SigningKind.EcdsaP256, 1);
        hmac.Sign(bytes);
        Assert.Null(keys.Find(Base64Url.EncodeToUtf8(bytes), "pwn", KeyText.Now));
    }

    // Made with Python's hmac from the layout as docs/adr/0013-signed-tokens.md has it.
    [Fact]
    public void A_platform_can_make_one_by_the_layout()
    {
        const string PlatformToken =
            "AQADcNvmkAMCYW5u4K89EUteV_YAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADCyxK3fLYXYhJ1TxD5YgGJ";
        var keys = KeyText.Keys("3 hmac-sha256 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
        Assert.Equal("ann", keys.Find(Encoding.ASCII.GetBytes(PlatformToken), "pwn", KeyText.Now)?.Name);
        Assert.Null(keys.Find(Encoding.ASCII.GetBytes(PlatformToken), "rev", KeyText.Now));
    }

    [Fact]
    public void What_does_not_fit_is_said()
    {
        var (_, error) = SigningKeys.Sign(EcdsaKey.New(1), "a-name-of-24-characters-", [], KeyText.Later);
        Assert.Equal("the name and the challenges do not fit into the token: a character of the name takes 1 byte, a challenge 4, together 24, and there are 23", error);
        (_, error) = SigningKeys.Sign(HmacKey.New(1), "ann", [], new DateTimeOffset(2107, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal("the end is not between the years 1970 and 2106", error);
        Assert.Null(SigningKeys.Sign(HmacKey.New(1), new string('n', 64), ["pwn"], KeyText.Later).Error);
        Assert.Null(SigningKeys.Sign(HmacKey.New(1), "ann", [.. Enumerable.Range(0, 17).Select(i => $"c{i}")], KeyText.Later).Error);
    }

    [Fact]
    public void Nothing_that_a_stranger_sends_is_accepted_or_throws()
    {
        var keys = KeyText.Keys(HmacKey.New(1), EcdsaKey.New(2));
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => keys.Find(bytes, "pwn", KeyText.Now) is null).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
        Prop.ForAll(
            Gen.Elements("ABab01-_ =\n\t".Select(c => (byte)c).ToArray()).ArrayOf(128).ToArbitrary(),
            bytes => keys.Find(bytes, "pwn", KeyText.Now) is null).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    // What has a right signature comes from whoever has the key, and may be nonsense all the same.
    [Fact]
    public void Signed_nonsense_does_not_throw()
    {
        var key = HmacKey.New(1);
        var keys = KeyText.Keys(key);
        Prop.ForAll(Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf(80).ToArbitrary(), claims =>
        {
            var bytes = new byte[SigningKey.TokenLength];
            claims.CopyTo(bytes, 0);
            (bytes[0], bytes[1], bytes[2]) = (1, 0, 1);
            key.Sign(bytes);
            return keys.Find(Base64Url.EncodeToUtf8(bytes), "pwn", KeyText.Now)?.Name is var name && (name is null || ClientName.IsValid(name));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }
}
