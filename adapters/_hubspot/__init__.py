"""HubSpot, by what it is for: how its API is reached, the marketing source, the CRM."""
