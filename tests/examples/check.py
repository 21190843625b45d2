"""Lets `mailweir check` read every configuration in README.md, docs/operations.md and examples/, and plays the tests of
examples/policies and of docs/testing.md."""
import json
import os
import re
import subprocess
import tempfile
import textwrap
import unittest
import xml.etree.ElementTree

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
PROGRAM = os.environ.get("MAILWEIR_BIN") or f"{TOP}/build/release/mailweir"
NECESSARY = "hostname: mx.example.org\nlisteners: ['*:25']\nbackends: {main: '127.0.0.1:10025'}\n"


def read(path):
    with open(f"{TOP}/{path}", encoding="utf-8") as file:
        return file.read()


def indented_blocks(path):
    """The indented parts of a page, unindented."""
    return [textwrap.dedent(block) for block in re.findall(r"(?:^    .*\n)+", read(path), re.MULTILINE)]


class Examples(unittest.TestCase):
    def assert_good(self, text, directory=None):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", dir=directory, encoding="utf-8") as file:
            file.write(text)
            file.flush()
            done = subprocess.run([PROGRAM, "check", file.name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{text}")

    def test_the_configurations_of_the_readme_are_complete(self):
        configurations = [block for block in indented_blocks("README.md") if block.startswith("hostname:")]
        self.assertEqual(len(configurations), 1)
        self.assertLessEqual(len(configurations[0].splitlines()), 10)
        self.assert_good(configurations[0])

    def test_the_configurations_for_both_servers_are_complete(self):
        for server in ("postfix", "exim"):
            with self.subTest(server):
                self.assert_good(read(f"examples/{server}/mailweir.yaml"))

    def test_the_readme_shows_the_postfix_configuration_and_no_other(self):
        shown = next(block for block in indented_blocks("README.md") if block.startswith("hostname:"))
        example = re.sub(r" +#.*", "", read("examples/postfix/mailweir.yaml"))
        self.assertEqual(shown, example)

    def test_the_default_policy_can_be_copied_as_it_says(self):
        policy = textwrap.indent(read("examples/policies/default.yaml"), "    ")
        self.assert_good(f"{NECESSARY}policies:\n  inbound:\n{policy}")

    def test_the_policy_with_lists_can_be_included_with_the_filter_it_asks_for(self):
        head = read("examples/policies/relays-and-partners.yaml").split("\nlists:")[0]
        filters = textwrap.dedent("\n".join(line[1:] for line in head.splitlines() if line.startswith("#   ")))
        self.assertTrue(filters.startswith("filters:"))
        path = f"{TOP}/examples/policies/relays-and-partners.yaml"
        with tempfile.TemporaryDirectory() as directory:
            with open(f"{directory}/policy.yaml", "w", encoding="utf-8") as copy, open(path, encoding="utf-8") as original:
                copy.write(original.read())
            self.assert_good(f"{NECESSARY}include: policy.yaml\n{filters}\n", directory)


class Policies(unittest.TestCase):
    """The eight configurations of examples/policies, with their tests."""

    def run_program(self, *arguments, directory=f"{TOP}/examples/policies"):
        return subprocess.run([PROGRAM, *arguments], cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)

    def names(self):
        tests = sorted(f[:-len(".test.yaml")] for f in os.listdir(f"{TOP}/examples/policies") if f.endswith(".test.yaml"))
        self.assertEqual(len(tests), 8)
        return tests

    def test_every_configuration_loads_without_a_warning(self):
        for name in self.names():
            with self.subTest(name):
                done = self.run_program("check", f"{name}.yaml")
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertTrue(done.stdout.startswith(f"{name}.yaml is good\n"), done.stdout)

    def test_every_case_passes_and_every_rule_is_reached(self):
        for name in self.names():
            with self.subTest(name):
                done = self.run_program("test", "--require-coverage", f"{name}.test.yaml")
                self.assertEqual(done.returncode, 0, done.stdout)

    def test_every_rule_matters_to_a_case(self):
        """A rule that no longer acts, or one in shadow that does, is noticed by a case."""
        for name in self.names():
            changed = list(self.changed(read(f"examples/policies/{name}.yaml")))
            self.assertGreater(len(changed), 5)
            for line, text in changed:
                with self.subTest(f"{name}.yaml:{line}"), tempfile.TemporaryDirectory() as directory:
                    with open(f"{directory}/{name}.yaml", "w", encoding="utf-8") as file:
                        file.write(text)
                    done = self.run_program("test", "-c", f"{directory}/{name}.yaml", f"{name}.test.yaml")
                    self.assertEqual(done.returncode, 1, done.stdout)

    def changed(self, text):
        """The configuration once for each rule, with the rule's mode turned round."""
        lines = text.splitlines(keepends=True)
        for number, line in enumerate(lines):
            if not line.startswith("      - rule:"):
                continue
            shadow = lines[number + 1].startswith("        mode: shadow")
            yield number + 1, "".join(lines[:number + 1] + ([] if shadow else ["        mode: shadow\n"]) + lines[number + 1 + shadow:])


class Testing(unittest.TestCase):
    """The example of docs/testing.md."""

    def test_the_first_test_prints_what_the_page_says(self):
        page = read("docs/testing.md")
        with tempfile.TemporaryDirectory() as directory:
            with open(f"{directory}/first.test.yaml", "w", encoding="utf-8") as file:
                file.write(re.search(r"```yaml\n(policy:.*?)```", page, re.DOTALL).group(1))
            done = subprocess.run([PROGRAM, "test", "first.test.yaml"], cwd=directory, stdout=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        shown = re.search(r"^    first\.test\.yaml\n(?:(?:    .*)?\n)+", page, re.MULTILINE).group(0)
        self.assertEqual(textwrap.dedent(shown).strip(), done.stdout.strip())

    def test_the_session_of_the_page_is_played(self):
        page = read("docs/testing.md")
        case = re.search(r"```yaml\n(  - name: a forged.*?)```", page, re.DOTALL).group(1)
        with tempfile.TemporaryDirectory() as directory:
            for name, text in (("bank.zone", '_dmarc.bank.example. TXT "v=DMARC1; p=reject"\n'), ("forged.eml", "From: a@bank.example\n\nHi\n"),
                               ("all.test.yaml", f"config: {TOP}/examples/policies/small-self-hoster.yaml\ncases:\n{case}")):
                with open(f"{directory}/{name}", "w", encoding="utf-8") as file:
                    file.write(text)
            done = subprocess.run([PROGRAM, "test", "all.test.yaml"], cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)


class Formats(unittest.TestCase):
    """What harnesses read is what their formats allow, whatever a test file says."""
    CASES = """policy: {rcpt: [{rule: "a & <b>", when: {spf: fail}, do: reject, reply: "550 5.7.1 <&>"}, {rule: never, do: accept}]}
cases:
  - {name: "]]> & <x> \\" # skip \u00e9 \u202e", given: {spf: fail}, expect: accept}
  - {name: good, given: {spf: fail}, expect: {rule: "a & <b>"}}
"""

    def run_cases(self, *arguments):
        with tempfile.TemporaryDirectory() as directory:
            with open(f"{directory}/t.yaml", "w", encoding="utf-8") as file:
                file.write(self.CASES)
            done = subprocess.run([PROGRAM, "test", *arguments, "t.yaml"], cwd=directory, stdout=subprocess.PIPE, text=True, check=False)
            self.assertEqual(done.returncode, 1)
            if "--junit" not in arguments:
                return done.stdout
            with open(f"{directory}/out.xml", "rb") as file:
                return file.read()

    def test_junit_is_xml(self):
        top = xml.etree.ElementTree.fromstring(self.run_cases("--junit", "out.xml", "--require-coverage"))
        self.assertEqual((top.tag, top.get("tests"), top.get("failures")), ("testsuites", "3", "2"))
        cases = top.findall("testsuite/testcase")
        self.assertIn(']]> & <x> " # skip \u00e9', cases[0].get("name"))
        self.assertIn("a & <b>", cases[0].find("failure").text)
        self.assertEqual([len(c) for c in cases], [1, 0, 1])

    def test_tap_has_a_plan_and_as_many_points_without_directives(self):
        lines = self.run_cases("--tap").splitlines()
        points = [line for line in lines if re.match(r"(not )?ok \d+ - ", line)]
        self.assertEqual(lines[:2], ["TAP version 13", "1..2"])
        self.assertEqual(len(points), 2)
        self.assertNotRegex(points[0], r"(?<!\\)#")

    def test_json_is_one_object(self):
        result = json.loads(self.run_cases("--json"))
        self.assertEqual((result["passed"], result["cases"], result["failed"]), (False, 2, 1))
        self.assertEqual([rule["rule"] for rule in result["unreached"]], ["never"])
        self.assertEqual(result["files"][0]["cases"][0]["got"]["reply"], ["550 5.7.1 <&>"])


if __name__ == "__main__":
    unittest.main()
