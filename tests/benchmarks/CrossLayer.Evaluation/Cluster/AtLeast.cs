using System.CommandLine;
using System.Globalization;

namespace CrossLayer.Evaluation.Cluster;

/// <summary>Numbers of the command line that have a least value.</summary>
internal static class AtLeast
{
    /// <summary>A number below it is bad usage, said in a line.</summary>
    internal static Option<T> OrMore<T>(this Option<T> option, T least)
        where T : struct, IComparable<T>
    {
        option.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValueOrDefault<T>().CompareTo(least) >= 0)
                return;
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} is {result.GetValueOrDefault<T>()}; expected {least} or more"));
        });
        return option;
    }
}
