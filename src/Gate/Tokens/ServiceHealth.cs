using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Tokens;

/// <summary>
/// Whether the service answers. After some failures in a row only one question is asked at a time, until one is answered: the other clients need not wait for what does not come. Not for use by two at once.
/// </summary>
/// <param name="place">The service, for the log.</param>
/// <param name="time">The clock of the log.</param>
/// <param name="logger">Hears, at most once a minute, that there is no answer, and that there is one again.</param>
internal sealed class ServiceHealth(string place, TimeProvider time, ILogger logger)
{
    /// <summary>How many failures in a row it takes.</summary>
    public const int FailuresUntilDown = 3;

    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    private int _failures;
    private bool _isTrying;
    private bool _isReported;
    private long? _reportedAt;

    /// <summary>Whether to ask now. If so, <see cref="Ended"/> has to follow.</summary>
    /// <param name="isTrial">Whether this is the one question at a time.</param>
    public bool TryBegin(out bool isTrial)
    {
        var isDown = _failures >= FailuresUntilDown;
        isTrial = isDown && !_isTrying;
        _isTrying |= isTrial;
        return !isDown || isTrial;
    }

    /// <summary>How asking ended.</summary>
    /// <param name="outcome">What came; null for a bug.</param>
    /// <param name="isTrial">As <see cref="TryBegin"/> said.</param>
    public void Ended(HttpOutcome? outcome, bool isTrial)
    {
        _isTrying &= !isTrial;
        switch (outcome)
        {
            case HttpOutcome.Down down:
                _failures = Math.Min(_failures + 1, FailuresUntilDown);
                Report(down.Problem);
                break;
            case HttpOutcome.Unusable unusable:
                _failures = 0;
                Report(unusable.Problem);
                break;
            case HttpOutcome.Accepted or HttpOutcome.Refused:
                _failures = 0;
                if (_isReported)
                {
                    _isReported = false;
                    TokensLog.AnswersAgain(logger, place);
                }

                break;
        }
    }

    private void Report(string problem)
    {
        if (_reportedAt is { } at && time.GetElapsedTime(at) < Between)
        {
            return;
        }

        (_isReported, _reportedAt) = (true, time.GetTimestamp());
        TokensLog.NoAnswer(logger, place, problem);
    }
}
