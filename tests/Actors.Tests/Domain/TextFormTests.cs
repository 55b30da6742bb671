using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Instancer.Actors.Tests.Domain;

/// <summary>Token hashes and instance keys as text.</summary>
public sealed class TextFormTests
{
    private const string EmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Fact]
    public void A_token_hash_is_the_SHA_256_of_the_token() => Assert.Equal(EmptySha256, TokenHash.Of([]).ToString());

    [Fact]
    public void A_token_hash_is_read_back_from_what_it_writes_in_either_case()
        => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), token =>
        {
            var hash = TokenHash.Of(token);
            return TokenHash.TryParse(hash.ToString(), out var lower) && lower == hash
                && TokenHash.TryParse(hash.ToString().ToUpperInvariant(), out var upper) && upper == hash
                && lower.FixedTimeEquals(hash) && lower.GetHashCode() == hash.GetHashCode();
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("e3b0")]
    [InlineData("g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(EmptySha256 + "00")]
    [InlineData(" 3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void Anything_else_is_no_token_hash(string? text)
    {
        Assert.False(TokenHash.TryParse(text, out var hash));
        Assert.Equal(default, hash);
    }

    [Fact]
    public void Hashes_that_differ_anywhere_are_not_equal()
    {
        Assert.True(TokenHash.TryParse(EmptySha256, out var hash));
        for (var i = 0; i < EmptySha256.Length; i++)
        {
            var digit = EmptySha256[i] == '0' ? '1' : '0';
            Assert.True(TokenHash.TryParse(EmptySha256.Remove(i, 1).Insert(i, digit.ToString()), out var other));
            Assert.NotEqual(hash, other);
            Assert.False(hash.FixedTimeEquals(other));
        }
    }

    [Fact]
    public void The_bytes_of_a_hash_are_those_of_its_text()
    {
        Span<byte> bytes = stackalloc byte[TokenHash.Length];
        TokenHash.Of([1, 2, 3]).CopyTo(bytes);
        Assert.Equal(TokenHash.Of([1, 2, 3]).ToString(), Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Random_hashes_differ() => Assert.NotEqual(TokenHash.Random(), TokenHash.Random());

    [Fact]
    public void A_key_is_read_back_from_what_it_writes()
        => Prop.ForAll(ArbMap.Default.ArbFor<ushort>(), ArbMap.Default.ArbFor<byte[]>(), (identifier, token) =>
        {
            var key = new InstanceKey("some-challenge", TokenHash.Of(token), identifier);
            return InstanceKey.TryParse(key.ToString(), out var read) && read == key;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("sample/{0}/65535", true)]
    [InlineData("sample/{0}/0", true)]
    [InlineData("sample/{0}/65536", false)]
    [InlineData("sample/{0}/-1", false)]
    [InlineData("sample/{0}/+1", false)]
    [InlineData("sample/{0}/ 1", false)]
    [InlineData("sample/{0}/", false)]
    [InlineData("sample/{0}", false)]
    [InlineData("/{0}/1", false)]
    [InlineData("sample/{0}/1/2", false)]
    [InlineData("sample//1", false)]
    [InlineData("", false)]
    public void Only_challenge_hash_and_identifier_make_a_key(string format, bool isKey)
        => Assert.Equal(isKey, InstanceKey.TryParse(string.Format(CultureInfo.InvariantCulture, format, EmptySha256), out _));

    [Fact]
    public void No_text_is_no_key() => Assert.False(InstanceKey.TryParse(null, out _));

    [Fact]
    public void The_short_forms_have_twelve_digits_of_the_hash()
        => Assert.Equal("sample/e3b0c44298fc/7", new InstanceKey("sample", TokenHash.Of([]), 7).ToShortString());
}
