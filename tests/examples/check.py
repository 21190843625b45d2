"""Lets `mailweir check` read every configuration in README.md, docs/operations.md and examples/."""
import os
import re
import subprocess
import tempfile
import textwrap
import unittest

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


if __name__ == "__main__":
    unittest.main()
