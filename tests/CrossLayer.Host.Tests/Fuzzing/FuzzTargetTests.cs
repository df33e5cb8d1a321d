using CrossLayer.Fuzz;
using CrossLayer.Fuzz.Targets;

namespace CrossLayer.Host.Tests.Fuzzing;

public class FuzzTargetTests
{
    private const int Mutations = 300;

    public static TheoryData<string> Targets => [.. AllTargets.Names];

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_decoder_accepts_an_input_or_refuses_it_in_its_own_words(string name)
    {
        var target = AllTargets.Create(name);

        var result = new FuzzRun(target, seed: 1).Run(TimeSpan.FromMinutes(1), Mutations);

        Assert.Empty(result.Findings.Select(finding => finding.What));
        Assert.Equal(target.Seeds.Count + Mutations, result.Inputs);
        Assert.InRange(result.Accepted, 1, result.Inputs - 1);
    }

    [Fact]
    public void Any_other_exception_is_found_with_its_input()
    {
        var target = new FuzzTarget("x", input => input.Contains((byte)'!') ? throw new FormatException("that") : null, _ => false, ["a!"u8.ToArray()]);

        var result = new FuzzRun(target, seed: 1).Run(TimeSpan.FromMinutes(1), 0);

        var finding = Assert.Single(result.Findings);
        Assert.Equal("a!"u8.ToArray(), finding.Input);
        Assert.Equal("System.FormatException: that", finding.Summary.TrimEnd());
    }

    [Fact]
    public void An_input_that_makes_a_decoder_allocate_too_much_is_found()
    {
        var target = new FuzzTarget("x", _ => new byte[2 << 20].Length.ToString((IFormatProvider?)null), _ => false, [[]]) { MostAllocated = 1 << 20 };

        Assert.Equal("allocates 2 MiB for 0 bytes", Assert.Single(new FuzzRun(target, seed: 1).Reproduce([]).Findings).Summary);
    }

    [Fact]
    public void The_same_seed_makes_the_same_inputs()
    {
        Assert.Equal(Inputs(7), Inputs(7));
        Assert.NotEqual(Inputs(7), Inputs(8));

        static List<byte[]> Inputs(int seed)
        {
            var inputs = new List<byte[]>();
            new FuzzRun(new FuzzTarget("x", input =>
            {
                inputs.Add(input);
                return null;
            }, _ => false, ["{\"a\":1}"u8.ToArray()]), seed).Run(TimeSpan.FromMinutes(1), 100);
            return inputs;
        }
    }
}
