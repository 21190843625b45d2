"""The laboratory: private servers, clients and mail for the system tests."""
