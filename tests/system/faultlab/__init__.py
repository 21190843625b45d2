"""The fault laboratory: everything around Mailweir dies, hangs and lies, and a judge says what became of the mail."""
